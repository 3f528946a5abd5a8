"""What is installed: the pinned versions, and the build of torch that suits a computer."""

from pathlib import Path

import pytest

from gantlitz_blender.graphics import parse_nvidia
from gantlitz_blender.installer_build import build_for, from_mirror
from gantlitz_blender.installer_pip import Progress, Sources, explain
from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.packages import MODULES, PINNED, TORCH

REQUIREMENTS = Path(__file__).resolve().parent.parent / "requirements.txt"


def card(driver="580.65", capability="8.6"):
    return parse_nvidia(f"NVIDIA RTX 4090, {driver}, {capability}, 20000, 24564\n")


def test_the_pins_are_those_of_requirements_txt():
    listed = {line.strip() for line in REQUIREMENTS.read_text().splitlines() if line.strip() and not line.startswith("#")}
    pinned = {pin.partition(";")[0].strip() for pin in (*PINNED, TORCH) if ">=" not in pin}
    assert pinned == listed
    assert {name.lower() for name in MODULES.values()} <= {pin.partition("==")[0].lower() for pin in pinned}


@pytest.mark.parametrize(
    ("wanted", "found", "amd", "system", "name", "index"),
    [
        ("AUTO", card(), False, "linux", "CUDA", "cu130"),
        ("AUTO", card("550.10"), False, "win32", "CUDA", "cu126"),
        ("AUTO", card(capability="7.0"), False, "linux", "CUDA", "cu126"),
        ("AUTO", card("470.10"), False, "linux", "CPU", "cpu"),
        ("AUTO", None, True, "linux", "ROCm", "rocm7.2"),
        ("AUTO", None, False, "linux", "CPU", "cpu"),
        ("AUTO", None, False, "win32", "CPU", ""),
        ("AUTO", None, False, "darwin", "MPS", ""),
        ("CPU", card(), False, "linux", "CPU", "cpu"),
        ("CUDA", None, False, "linux", "CUDA", "cu130"),
    ],
)
def test_the_build_suits_the_computer(wanted, found, amd, system, name, index):
    build = build_for(wanted, found, amd, system, "x86_64")
    assert build.name == name and build.index.rpartition("/")[2] == index and build.reason and build.disk > build.download


def test_a_mac_is_tried_out_on_the_processor_where_its_faces_are_made():
    build = build_for("AUTO", None, False, "darwin", "arm64")
    assert build.device == "cpu" and "not used" in build.reason


def test_a_mirror_of_pypi_is_said_to_bring_cudas_libraries_to_linux():
    linux, windows = (build_for("CPU", None, False, system, "x86_64") for system in ("linux", "win32"))
    mirrored = from_mirror(linux, "https://mirror.studio/simple")
    assert mirrored.download > 4 * linux.download and mirrored.disk > linux.disk and "NVIDIA" in mirrored.reason
    assert mirrored.device == "cpu"
    assert from_mirror(linux, "https://download.pytorch.org/whl/cpu") == linux
    assert from_mirror(windows, "https://mirror.studio/simple") == windows


@pytest.mark.parametrize(("wanted", "system"), [("MPS", "linux"), ("ROCM", "win32"), ("CUDA", "darwin")])
def test_a_build_that_cannot_be_is_refused(wanted, system):
    with pytest.raises(GantlitzError) as caught:
        build_for(wanted, None, False, system, "x86_64")
    assert caught.value.code == "no-device" and caught.value.fix


def test_a_new_card_with_an_old_driver_is_told_to_update_it():
    with pytest.raises(GantlitzError, match="too old"):
        build_for("AUTO", card("570.1", "12.0"), False, "linux", "x86_64")


@pytest.mark.parametrize("said", ["", "No devices were found", "NVIDIA, N/A, 8.6, 1, 2"])
def test_what_is_no_card_is_none(said):
    assert parse_nvidia(said) is None


def test_progress_counts_the_bytes_of_all_files():
    progress = Progress(200e6, 4)
    for line in ("Downloading torch-2.13.0-cp311.whl (100.0 MB)", "Progress 50000000 of 100000000"):
        progress.take(line)
    assert progress.fraction == pytest.approx(0.25) and progress.text == "Downloading torch: 50 of 100 MB"
    for line in ("Progress 100000000 of 100000000", "Downloading scipy-1.17.1.whl (50 MB)", "Progress 50000000 of 50000000"):
        progress.take(line)
    assert progress.fraction == pytest.approx(0.75) and "scipy" in progress.text


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("OSError: [Errno 28] No space left on device", "disk-full"),
        ("OSError: [Errno 13] Permission denied: '/x'", "no-access"),
        ("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]'))", "no-certificate"),
        ("HTTPSConnectionPool(host='pypi.org', port=443): Max retries exceeded: NewConnectionError", "no-network"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "damaged"),
        ("ERROR: No matching distribution found for scipy==1.17.1", "no-package"),
        ("ERROR: something else", "pip"),
    ],
)
def test_each_failure_of_pip_has_its_sentence_and_its_fix(line, code):
    said = explain([line], Sources(), Path("/runtime"), "3.11")
    assert said.code == code and said.sentence and said.fix
