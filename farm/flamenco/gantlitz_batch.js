// SPDX-License-Identifier: GPL-3.0-or-later
//
// A Flamenco job type: a GANtlitz job file, made by many machines. Put this file into the folder `scripts` beside
// flamenco-manager (3.5 or newer: older ones want a .blend), and install the GANtlitz extension in the workers' Blender (docs/headless.md).
//
// Each task makes one shard; all write into one folder, each with a manifest of its own. The last task looks at the whole: it
// makes anew what is missing or damaged, and fails if something has failed.

const AS_IN_JOB = "as the job file says";
const JOB_TYPE = {
    label: "GANtlitz Batch",
    settings: [
        { key: "job_file", type: "string", subtype: "file_path", required: true, visible: "submission",
          description: "The job file (JSON), on a path that all workers know" },
        { key: "outdir", type: "string", subtype: "dir_path", required: true,
          eval: "str(abspath('//gantlitz'))",
          description: "Where the files and their manifests go, on a path that all workers know" },
        { key: "shards", type: "int32", default: 4, required: true, propargs: { min: 1, max: 10000 },
          description: "Into how many tasks it is split" },
        { key: "processes", type: "int32", default: 1, propargs: { min: 1, max: 64 },
          description: "Processes of each task, each with a model of its own" },
        { key: "device", type: "string", choices: [AS_IN_JOB, "auto", "cpu", "cuda"], default: AS_IN_JOB,
          description: "On what the workers sample" },
        { key: "add", type: "bool", default: false, required: false,
          description: "Put the files into a folder that has another job's manifest" },
    ],
};

function compileJob(job) {
    const settings = job.settings;
    const shards = settings.shards;
    if (!settings.job_file || !settings.outdir) {
        throw "A GANtlitz batch needs a job file and a folder.";
    }
    if (!(shards >= 1) || Math.floor(shards) !== shards) {
        throw `A GANtlitz batch cannot be split into ${shards} tasks.`;
    }

    const whole = author.Task("whole", "blender");
    for (let shard = 1; shard <= shards; shard++) {
        const task = author.Task(`shard-${shard}-of-${shards}`, "blender");
        task.addCommand(batchCommand(settings, ["--shard", `${shard}/${shards}`]));
        job.addTask(task);
        whole.addDependency(task);
    }
    whole.addCommand(batchCommand(settings, []));
    job.addTask(whole);
}

// Blender without a .blend; `--command` takes all that follows it.
function batchCommand(settings, more) {
    const args = ["--command", "gantlitz", "batch", settings.job_file, "--outdir", settings.outdir];
    args.push("--jobs", `${settings.processes || 1}`);
    if (settings.device && settings.device !== AS_IN_JOB) {
        args.push("--device", settings.device);
    }
    if (settings.add) {
        args.push("--add");
    }
    return author.Command("blender-render", {
        exe: "{blender}",
        exeArgs: "{blenderArgs}",
        argsBefore: [],
        blendfile: "",
        args: args.concat(more),
    });
}
