"""The failures a user can meet, each with one sentence that says what is wrong and one that says what to do."""


class GantlitzError(Exception):
    """A failure worth showing as it stands.

    sentence: what is wrong and where (file, field, value).
    fix: what to do about it; may be empty where nothing can be done.
    code: a short slug by which programs tell failures apart, e.g. ``"model-not-found"``.
    """

    def __init__(self, sentence: str, fix: str = "", code: str = "bad-request"):
        super().__init__(f"{sentence} {fix}".strip())
        self.sentence = sentence
        self.fix = fix
        self.code = code


class Cancelled(GantlitzError):  # noqa: N818 (it is an answer, not a fault)
    """The work was stopped on request; nothing was written."""

    def __init__(self) -> None:
        super().__init__("The work was cancelled.", code="cancelled")
