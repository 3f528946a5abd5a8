"""German."""

GERMAN: dict[str, str] = {
    "Face Maps": "Gesichtskarten",
}
