#!/usr/bin/env bash
# demo [--camera DEV]: builds what is missing, then shows the main job in a world of its own (scenes.sh).
. "$FACEAUTH_ROOT/tools/dev/common.sh"
camera=
while [ $# -gt 0 ]; do
  case $1 in
    --camera)
      [ $# -ge 2 ] || die 2 "--camera needs a device, for example /dev/video0"
      camera=$2
      [ -c "$camera" ] || die 2 "--camera: $camera is no device; ls /dev/v4l/by-id/ shows the cameras"
      shift 2
      ;;
    *) die 2 "demo: unknown option '$1' (known: --camera DEV)" ;;
  esac
done

bash "$FACEAUTH_ROOT/tools/dev/setup.sh" --for build,test
build_preset release faced/faced faced/faced-vision enroll-tool/enroll-tool pam_module/pam_faceauth.so demo-frames
# Enrolling from photos is root's right, and so is a private /etc/pam.d.
as_root env FACEAUTH_ROOT="$FACEAUTH_ROOT" FACEAUTH_BUILD="$FACEAUTH_ROOT/build" \
  bash "$FACEAUTH_ROOT/tests/demo/scenes.sh" "$camera"
