#!/usr/bin/env bash
# Makes diffusion-portable.tar.xz: the program with its .NET runtime and without libtorch, for a Linux machine that has a libtorch
# already, such as a Python installation with PyTorch. There:
#
#     tar -xf diffusion-portable.tar.xz
#     export DIFFUSION_LIBTORCH=$(python3 -c 'import os, torch; print(os.path.join(os.path.dirname(torch.__file__), "lib"))')
#     diffusion-portable/diffusion info --probe
#     diffusion-portable/diffusion gpu-check --minutes 25 --out results
#
# usage: scripts/portable.sh [FOLDER]     where the archive goes; the present folder without it
set -euo pipefail
out=$(realpath "${1:-.}")
root=$(realpath "$(dirname "$0")/..")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

dotnet publish "$root/Diffusion.Host" --configuration Release --runtime linux-x64 --self-contained --nologo --verbosity quiet \
    -p:TorchBackend=none -p:DebugType=none -p:GenerateDocumentationFile=false --output "$work/diffusion-portable"
# For debuggers only.
rm -f "$work"/diffusion-portable/{createdump,libmscordbi.so,libmscordaccore.so} "$work"/diffusion-portable/*.{pdb,xml}
tar -C "$work" -cf - diffusion-portable | xz -T0 -6 > "$work/archive"
mv "$work/archive" "$out/diffusion-portable.tar.xz"
ls -l "$out/diffusion-portable.tar.xz"
