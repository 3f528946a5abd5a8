"""The report on a captured store: what it measures, says and writes."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from gantlitz_blender.runtime.errors import GantlitzError
from gantlitz_blender.runtime.layout import mask
from trainer.__main__ import main
from trainer.capture.report import as_maps, picture, tabulate, write_report
from trainer.figures import CORRELATION_BANDS, SHARE_BANDS, STD_BANDS
from trainer.store import Store
from trainer.store_writer import StoreWriter

BANDS = {**SHARE_BANDS, **STD_BANDS, **CORRELATION_BANDS}


def windows(**changed: float) -> list[dict[str, float]]:
    """Figures of four windows in the middle of every band, but for those named."""
    middle = {name: sum(band) / 2 for name, band in BANDS.items()}
    return [{**middle, **changed} for _ in range(4)]


def test_a_skin_inside_all_bands_is_told_so() -> None:
    table, figures = tabulate(windows(), [0.0085])
    assert "24 of 24 octave shares, 5 of 5 deviations, 5 of 5 correlations" in table and "NO" not in table
    assert figures["figures"]["n_x std"]["windows_inside"] == 1


def test_each_figure_outside_its_band_is_named() -> None:
    table, figures = tabulate(windows(**{"n_x 8-4 px": 0.3, "specular mean": 0.02}), [0.02])
    outside = [line.split("|")[1].strip() for line in table.splitlines() if "| NO |" in line]
    assert outside == ["n_x 8-4 px", "specular mean", "albedo against its mirror image"]
    assert "23 of 24 octave shares, 4 of 5 deviations" in table
    assert figures["figures"]["n_x 8-4 px"] == {"band": (0.19, 0.21), "mean": 0.3, "p5": 0.3, "p95": 0.3, "windows_inside": 0.0}


def test_the_figure_is_the_mean_over_windows() -> None:
    rows = windows()
    for i, row in enumerate(rows):
        row["specular mean"] = 0.05 * i
    assert tabulate(rows, [0.0085])[1]["figures"]["specular mean"]["mean"] == pytest.approx(0.075)


def test_store_channels_become_maps_with_unit_normals() -> None:
    channels = np.random.default_rng(0).uniform(0, 0.5, (7, 8, 12)).astype(np.float32)
    maps = as_maps(channels)
    np.testing.assert_allclose(np.linalg.norm(maps.normal, axis=-1), 1, atol=1e-6)
    np.testing.assert_array_equal(maps.displacement, channels[6])
    assert picture(maps).shape == (8, 48, 3)


def test_a_small_store_is_refused_because_the_bands_hold_for_the_full_size(tmp_path: Path) -> None:
    writer = StoreWriter(tmp_path / "small", 96, 64, mask(96, 64), {"maker": "test"})
    writer.write("grey", {"albedo": np.full((64, 96, 3), 0.5, np.float32)}, {}, "CC0-1.0")
    with pytest.raises(GantlitzError, match="96 texels wide"):
        write_report(Store(tmp_path / "small", None), tmp_path / "report", progress=False)
    assert not (tmp_path / "report").exists()


def test_a_report_at_a_small_size_is_refused_before_anything_is_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["capture", "--subjects", "1", "--size", "96x64", "--out", str(tmp_path / "store"), "--report"]) == 1
    assert "6144 texels, not at 96" in capsys.readouterr().err
    assert not (tmp_path / "store").exists()


@pytest.mark.slow
def test_the_report_of_a_full_size_store_holds_table_figures_and_pictures(tmp_path: Path) -> None:
    """Noise in place of faces: what is tested is the road from the store to the files."""
    width, height = 6144, 4096
    writer = StoreWriter(tmp_path / "store", width, height, mask(width, height), {"maker": "test"})
    random = np.random.default_rng(0)
    plane = cv2.resize(random.random((1024, 1536), np.float32), (width, height))
    flat = np.zeros((height, width, 3), np.float32) + np.array([0, 0, 1], np.float32)
    maps = {"albedo": np.repeat(plane[..., None], 3, 2), "normal": flat, "specular": plane, "displacement": 0.1 * plane}
    writer.write("noise", maps, {}, "CC0-1.0")
    table = write_report(Store(tmp_path / "store"), tmp_path / "report", progress=False)
    assert (tmp_path / "report" / "figures.md").read_text() == table + "\n"
    written = json.loads((tmp_path / "report" / "figures.json").read_text())
    assert written["subjects"] == ["noise"] and written["figures"]["n_x std"]["mean"] == 0
    assert cv2.imread(str(tmp_path / "report" / "faces.jpg")).shape == (256, 3840, 3)
    assert cv2.imread(str(tmp_path / "report" / "crops.jpg")).shape == (4 * 512, 12 * 512, 3)
