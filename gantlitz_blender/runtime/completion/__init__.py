"""What a scan lacks: its layout aligned with ours, its missing maps completed."""
