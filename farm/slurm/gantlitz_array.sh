#!/bin/bash
# A GANtlitz job file on a Slurm cluster: each task of the array makes one shard, all into one folder.
#
#   sbatch --array=1-8 --export=ALL,JOB=job.json,OUTDIR=/shared/maps gantlitz_array.sh
#
# JOB     the job file (docs/headless.md)           OUTDIR  where the files go, on a disk that all nodes see
# SHARDS  into how many parts it is split; default: the size of the array. Set it when only some parts are submitted again:
#           sbatch --array=3,5 --export=ALL,JOB=job.json,OUTDIR=/shared/maps,SHARDS=8 gantlitz_array.sh
# GANTLITZ_PYTHON  a Python with torch (default python3); GANTLITZ  the folder that holds gantlitz_blender (default: the checkout
#           that this script lies in, as far as Slurm has not copied it: better set it)
#
# A part that was requeued, or submitted again, goes on where it was. Slurm requeues by itself what a node's failure or a preemption
# has ended, not what the time limit has: that ends with exit code 143 (SIGTERM, two minutes before), and is to be submitted again. When all are done, run the same job file once without
# --shard: it makes what is missing or damaged, and its exit code tells.
#SBATCH --job-name=gantlitz
#SBATCH --cpus-per-task=4
#SBATCH --mem=6G
#SBATCH --time=12:00:00
#SBATCH --requeue
#SBATCH --signal=B:TERM@120
#SBATCH --output=gantlitz-%A-%a.txt
set -euo pipefail

: "${JOB:?say which job file: --export=ALL,JOB=job.json,OUTDIR=/shared/maps}"
: "${OUTDIR:?say where the files go: --export=ALL,JOB=job.json,OUTDIR=/shared/maps}"
: "${SLURM_ARRAY_TASK_ID:?submit it as an array: sbatch --array=1-8 ...}"
shards=${SHARDS:-${SLURM_ARRAY_TASK_COUNT:?set SHARDS}}
first=1
if [ -z "${SHARDS:-}" ]; then first=${SLURM_ARRAY_TASK_MIN:-1}; fi # an array may begin at 0
shard=$((SLURM_ARRAY_TASK_ID - first + 1))

export PYTHONPATH="${GANTLITZ:-$(cd "$(dirname "$0")/../.." && pwd)}${PYTHONPATH:+:$PYTHONPATH}"
# exec: so that the signals of Slurm reach the batch itself, which then ends cleanly.
exec "${GANTLITZ_PYTHON:-python3}" -m gantlitz_blender.runtime batch "$JOB" --outdir "$OUTDIR" \
    --shard "$shard/$shards" --threads "${SLURM_CPUS_PER_TASK:-1}"
