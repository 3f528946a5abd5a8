"""What a model's maps are worth beside a store's."""
