"""Names the system libraries that Blender's Python module needs and this machine lacks.

python tools/system_libraries.py            exit code 1 and one message if any is missing
python tools/system_libraries.py --packages prints the Debian packages to install, nothing if all is there
"""

import argparse
import ctypes
import sys

# library -> Debian package that carries it. libXxf86vm and libgomp are for Blender 4.2 alone.
NEEDED = {
    "libX11.so.6": "libx11-6",
    "libXrender.so.1": "libxrender1",
    "libXfixes.so.3": "libxfixes3",
    "libXi.so.6": "libxi6",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libSM.so.6": "libsm6",
    "libICE.so.6": "libice6",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libXxf86vm.so.1": "libxxf86vm1",
    "libgomp.so.1": "libgomp1",
}


def missing() -> dict[str, str]:
    """The libraries the loader does not find, with their packages. Loading is the only test that is never wrong."""
    if sys.platform != "linux":
        return {}
    absent = {}
    for library, package in NEEDED.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            absent[library] = package
    return absent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packages", action="store_true")
    absent = missing()
    if parser.parse_args().packages:
        print(" ".join(absent.values()))
    elif absent:
        sys.exit(
            f"Blender's Python module needs system libraries that are missing here: {', '.join(absent)}.\n"
            f"Install them: sudo apt-get install --no-install-recommends {' '.join(absent.values())}"
        )


if __name__ == "__main__":
    main()
