#!/bin/bash
# The README's picture: presses Sample in a real Blender window and photographs the panel afterwards.
# Usage (root): screenshot.sh CHROOT OUT.png [SECONDS_AFTER [MODEL]]
# CHROOT is a Debian with blender, Xvfb, xdotool, imagemagick, and this project's .venv at its own path (bind-mounted).
set -e
chroot_folder=$1; out=$2; wait=${3:-120}; model=$4; display=:77
root=$(cd "$(dirname "$0")/../.." && pwd)
"$root/.venv/bin/python" "$root/tools/build_extension.py"
mkdir -p "$chroot_folder/root/w"
cp "$root"/dist/gantlitz_face_maps-*.zip "$chroot_folder/root/w/extension.zip"
cp "$root/tools/window/start.py" "$chroot_folder/root/w/"
if [ -n "$model" ]; then cp "$model" "$chroot_folder/root/w/model.safetensors"; model=/root/w/model.safetensors; fi
rm -rf "$chroot_folder/root/.config/blender" "$chroot_folder/root/w/state"
inside=(chroot "$chroot_folder" env HOME=/root DISPLAY=$display) # not a function: $! must be the program itself
"${inside[@]}" Xvfb $display -screen 0 1400x900x24 +extension GLX -nolisten tcp >"$chroot_folder/root/w/xvfb.log" 2>&1 & xvfb=$!
sleep 2
"${inside[@]}" LIBGL_ALWAYS_SOFTWARE=1 GALLIUM_DRIVER=llvmpipe GANTLITZ_ZIP=/root/w/extension.zip GANTLITZ_MODEL="$model" \
    GANTLITZ_PYTHON="$root/.venv/bin/python" GANTLITZ_SHADING="${SHADING:-MATERIAL}" GANTLITZ_STATE=/root/w/state \
    blender --gpu-backend opengl --window-geometry 0 0 1400 900 --no-window-focus --python /root/w/start.py \
    >"$chroot_folder/root/w/blender.log" 2>&1 & blender=$!
trap 'kill $blender $xvfb 2>/dev/null; wait 2>/dev/null' EXIT
until_state() { # STATE SECONDS: waits for the start script to say so
    for _ in $(seq $(($2 * 2))); do
        [ "$(cat "$chroot_folder/root/w/state" 2>/dev/null)" = "$1" ] && return
        sleep 0.5
    done
    echo "screenshot: Blender did not get to '$1' in $2 s; see $chroot_folder/root/w/blender.log" >&2
    exit 1
}
until_state ready 180
sleep 3
"${inside[@]}" import -window root /root/w/before.png
"${inside[@]}" xdotool mousemove ${CLICK:-979 232} sleep 0.5 click 1
until_state running 120
sleep "${MID_SECONDS:-6}"
"${inside[@]}" import -window root /root/w/during.png
until_state done 300
"${inside[@]}" xdotool mousemove 600 500
sleep "$wait" # Material Preview reads four large maps and compiles its shaders
"${inside[@]}" import -window root /root/w/after.png
"${inside[@]}" convert /root/w/after.png -crop 1150x812+0+0 +repage -strip -define png:compression-level=9 /root/w/small.png
if [ "$(stat -c %s "$chroot_folder/root/w/small.png")" -gt 400000 ]; then # too large for a README: fewer colours
    "${inside[@]}" convert /root/w/small.png +dither -colors 256 -define png:compression-level=9 /root/w/small.png
fi
cp "$chroot_folder/root/w/small.png" "$out"
ls -l "$out"
