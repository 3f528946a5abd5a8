"""Any exception becomes a sentence, a fix and a code."""

import cv2
import pytest
import torch

from gantlitz_blender.runtime.errors import Cancelled, GantlitzError
from gantlitz_blender.runtime.failures import as_gantlitz_error
from gantlitz_blender.runtime.packages import INSTALL, MODULES


class AcceleratorError(RuntimeError):
    """As newer versions of torch name what CUDA reports."""


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB"),
        RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory: you tried to"),
        RuntimeError("CUDA error: out of memory"),
        AcceleratorError("CUDA error: out of memory"),
        RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        cv2.error("OpenCV(4.10.0) alloc.cpp:73: error: (-4:Insufficient memory) Failed to allocate 9 bytes"),
    ],
)
def test_memory_that_ran_out_is_told_from_the_text(error):
    assert as_gantlitz_error(error).code == "out-of-memory"


def test_a_graphics_card_that_torch_does_not_know_is_no_bug():
    failure = as_gantlitz_error(AcceleratorError("CUDA error: no kernel image is available for execution on the device"))
    assert failure.code == "no-device" and "set device to processor" in failure.fix.lower()


@pytest.mark.parametrize("error", [KeyError("out of memory"), RuntimeError("shapes differ"), ValueError()])
def test_what_nobody_foresaw_is_to_be_reported_with_the_consoles_text(error):
    failure = as_gantlitz_error(error)
    assert failure.code == "internal" and type(error).__name__ in failure.sentence
    assert "the text in the console" in failure.fix


def test_a_package_that_is_missing_is_repaired_in_blender_or_by_the_command_to_run():
    failure = as_gantlitz_error(ModuleNotFoundError("No module named 'torch'"))
    assert failure.code == "no-runtime" and failure.fix.endswith(f"-m pip install {INSTALL}")
    assert "press Repair in the add-on's preferences" in failure.fix
    assert set(MODULES.values()) < set(INSTALL.split())


@pytest.mark.parametrize("error", [Cancelled(), GantlitzError("The disk is full.", "", "disk-full")])
def test_what_is_a_sentence_already_stays_as_it_is(error):
    assert as_gantlitz_error(error) is error
