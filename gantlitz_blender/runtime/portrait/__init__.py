"""Faces on a head, as small pictures: a mesh drawn once, then lit anew for each face's maps. numpy and OpenCV only."""
