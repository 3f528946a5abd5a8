"""A stand-in for Blender's UILayout that writes down what a panel draws."""

from types import SimpleNamespace


class RecordingLayout:
    """Every sub-layout writes into the same log."""

    def __init__(self, log: list[str] | None = None):
        self.log: list[str] = [] if log is None else log

    def row(self, **_):
        return RecordingLayout(self.log)

    column = box = split = row

    def separator(self, **_):
        pass

    def template_list(self, kind, list_id, data, name, active_data, active_name, **_):
        assert name in data.bl_rna.properties and active_name in active_data.bl_rna.properties
        self.log.append(f"template_list {name}")

    def label(self, text="", **_):
        self.log.append(f"label {text}")

    def prop(self, data, name, **_):
        assert name in data.bl_rna.properties, f"{data} has no property {name}"
        self.log.append(f"prop {name}")

    def operator(self, name, **_):
        self.log.append(f"operator {name}")
        return SimpleNamespace()

    def progress(self, factor=0.0, text="", **_):
        self.log.append(f"progress {factor:.2f} {text}")

    def template_ID(self, data, name, **_):  # noqa: N802
        assert name in data.bl_rna.properties, f"{data} has no property {name}"
        self.log.append(f"template_ID {name}")

    def template_icon(self, icon_value, **_):
        self.log.append("picture")
