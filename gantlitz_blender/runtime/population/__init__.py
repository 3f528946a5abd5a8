"""Many people who differ: chosen from seeds by labels and by distance, and compared with those the model was trained on."""
