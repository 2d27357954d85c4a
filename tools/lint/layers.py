#!/usr/bin/env python3
"""Holds every #include against the layer table. Arrows point downwards only; see docs/ARCHITECTURE.md.

usage: layers.py [ROOT]    exit 1 and one line per finding when something is wrong
"""
import pathlib
import re
import sys

# layer -> project paths it may include besides its own. A path that ends in .h is one header, else a folder.
LAYERS = {
    "include/faceauth": [],
    "pam_module": ["include/faceauth"],
    "enroll-tool": ["include/faceauth"],
    "faced/util": ["include/faceauth"],
    "faced/config": ["faced/util", "include/faceauth"],
    "faced/crypto": ["faced/util", "include/faceauth"],
    "faced/store": ["faced/crypto", "faced/util", "include/faceauth"],
    "faced/auth": ["faced/config", "faced/util", "faced/crypto/secret.h", "faced/store/records.h", "include/faceauth"],
    "faced/vision_link": ["faced/config", "faced/util", "faced/crypto/secret.h", "include/faceauth"],
    "faced/server": ["faced/auth", "faced/vision_link", "faced/store", "faced/crypto", "faced/config", "faced/util",
                     "include/faceauth"],
    "faced/vision": ["faced/vision_link/eye_protocol.h", "faced/config/encoder.h", "faced/util", "include/faceauth"],
    "faced/main.cpp": ["faced/server", "faced/auth", "faced/vision_link", "faced/store", "faced/crypto",
                       "faced/config", "faced/util", "include/faceauth"],
}

# What the includes of another library start with -> the only layers that may use it.
HOMES = {
    "sodium": ["faced/crypto"],
    "lmdb": ["faced/store"],
    "boost/": ["faced/vision_link", "faced/server"],
    "opencv2/": ["faced/vision"],
    "dlib/": ["faced/vision"],
    "libav": ["faced/vision"],
    "libsw": ["faced/vision"],
    "linux/videodev2.h": ["faced/vision"],
    "seccomp.h": ["faced/vision"],
    "security/": ["pam_module"],
    "CLI/": ["enroll-tool"],
    "toml++/": ["faced/config"],
    "nlohmann/": ["enroll-tool"],
    "systemd/": ["faced/util", "faced/server"],
}

# (file, include) -> why. One that nothing needs any more is a finding too.
EXCEPTIONS = {
    ("faced/vision_link/camera_identity.cpp", "linux/videodev2.h"): "the keeper vets the camera that it opens for the eye",
    ("faced/vision_link/camera_nodes.cpp", "linux/videodev2.h"): "and asks it whether another program streams",
    ("enroll-tool/socket_path.cpp", "toml++/toml.h"): "the tool reads paths out of faced.toml",
}

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.M)
SOURCES = {".h", ".hpp", ".c", ".cpp"}


def layer_of(path):
    """The layer a project path belongs to, or None."""
    return next((name for name in LAYERS if path == name or path.startswith(name + "/")), None)


def project_path(root, source, include):
    """The project file an include names, or None for another library's."""
    beside = source.parent / include
    if beside.is_file():
        return beside.resolve().relative_to(root).as_posix()
    for base in ("", "include/"):
        if (root / base / include).is_file():
            return base + include
    if include.split("/")[0] in ("faced", "faceauth", "pam_module", "enroll-tool"):
        return include.replace("faceauth/", "include/faceauth/", 1)
    return None


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    findings, used = [], set()
    sources = sorted(p for top in ("include", "faced", "pam_module", "enroll-tool") for p in (root / top).rglob("*")
                     if p.suffix in SOURCES)
    for source in sources:
        name = source.relative_to(root).as_posix()
        layer = layer_of(name)
        if layer is None:
            findings.append(f"{name}: belongs to no layer of tools/lint/layers.py")
            continue
        for include in INCLUDE.findall(source.read_text()):
            target = project_path(root, source, include)
            if target is not None:
                allowed = [layer, *LAYERS[layer]]
                wrong = not any(target == a or target.startswith(a + "/") for a in allowed)
                reason = f"{layer} may not include {target}"
            else:
                homes = next((h for prefix, h in HOMES.items() if include.startswith(prefix)), None)
                wrong = homes is not None and layer not in homes
                reason = f"<{include}> is at home in {' and '.join(homes or [])} only"
            if not wrong:
                continue
            if (name, include) in EXCEPTIONS:
                used.add((name, include))
            else:
                findings.append(f"{name}: {reason}")
    for file, include in sorted(set(EXCEPTIONS) - used):
        findings.append(f"tools/lint/layers.py: the exception for {file} and <{include}> is no longer used")
    print("\n".join(findings), end="\n" if findings else "")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
