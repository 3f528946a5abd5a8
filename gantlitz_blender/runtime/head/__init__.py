"""The shape of a head in our layout: what the preview shows, and what scans are aligned through."""
