"""What is unusual about a scan is said; of captured faces, which the models know, nothing is."""

import cv2
import numpy as np
import pytest

from gantlitz_blender.runtime import FaceModel, Recipe, layout
from gantlitz_blender.runtime.completion.doubts import doubts
from trainer.capture import draw_subject

SIZE = (384, 256)


@pytest.fixture(scope="module")
def mean() -> np.ndarray:
    return FaceModel.load().preview(Recipe(0, psi=0.0), 384).albedo


@pytest.fixture(scope="module")
def faces() -> list[np.ndarray]:
    return [draw_subject(seed, *SIZE).albedo for seed in (90001, 90002, 90003)]


def region(name: str) -> np.ndarray:
    return layout.region(name, *layout.uv_grid(*SIZE))


def painted(face: np.ndarray, where: np.ndarray, colour) -> np.ndarray:
    cover = where[..., None]
    return (face * (1 - cover) + np.float32(colour) * cover).astype(np.float32)


def said(face: np.ndarray, mean: np.ndarray, word: str) -> bool:
    return any(word in sentence for sentence in doubts(face, mean))


def test_captured_faces_raise_no_doubt_at_any_size(faces, mean):
    for face in faces:
        assert doubts(face, mean) == []
    assert doubts(cv2.resize(faces[0], (768, 512)), mean) == []


def test_a_grey_face_is_a_face(faces, mean):
    assert doubts(np.repeat(faces[0].mean(2, keepdims=True), 3, 2), mean) == []


def test_what_is_no_face_is_only_said_to_be_none(faces, mean):
    clouds = cv2.GaussianBlur(np.random.default_rng(0).standard_normal((256, 384, 3)).astype(np.float32), (0, 0), 2)
    for picture in (0.5 + clouds, np.roll(faces[0], 50, 1)):
        (sentence,) = doubts(np.clip(picture, 0, 1).astype(np.float32), mean)
        assert "hardly resembles a face" in sentence


def test_eyes_that_are_painted_over_are_noticed(faces, mean):
    for face in faces:
        skin = face[region("cheek") > 0.5].mean(0)
        shut = painted(face, cv2.GaussianBlur(np.clip(region("eye_socket") * 1.5, 0, 1), (0, 0), 1), skin)
        assert said(shut, mean, "opening")


def test_a_beard_is_noticed(faces, mean):
    hairs = np.clip(0.7 + 0.5 * np.random.default_rng(0).standard_normal((256, 384)).astype(np.float32), 0, 1)
    for face in faces:
        assert said(painted(face, 0.9 * hairs * region("beard") * (1 - region("lips")), 0.06), mean, "beard")


def test_painted_lips_are_noticed(faces, mean):
    for face in faces:
        assert said(painted(face, 0.85 * region("lips"), (0.65, 0.08, 0.12)), mean, "make-up")
