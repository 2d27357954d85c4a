#!/usr/bin/env python3
"""Makes a face encoder that is not the shipped one, out of its weights, for tests of what is done with another one.

usage: other_encoder.py fr_feature.onnx DIRECTORY    writes DIRECTORY/other.onnx and its description, other.toml

The other one takes pictures of 224x224 in BGR, scaled to 0..1 and divided by another number per channel, and gives 128
numbers: a 1x1 convolution undoes the scaling and swaps the channels, a 2x2 average halves the picture, and a fixed random
projection ends it. Whoever shows it anything else than its description asks for gets nonsense.
"""
import hashlib
import pathlib
import random
import struct
import sys

SIDE, DIMENSIONS, SHIPPED_DIMENSIONS = 224, 128, 512
DIVIDE = [255.0, 250.0, 245.0]  # blue, green, red
POINTS = {"left_eye": (38.29, 51.70), "right_eye": (73.53, 51.50), "nose": (56.03, 71.74),
          "mouth_left": (41.55, 92.37), "mouth_right": (70.73, 92.20)}


# Protocol buffers, as far as needed here: a message is a list of (field, wire type, value).
def varint(value):
    out = b""
    while True:
        out += bytes([value & 0x7F | (0x80 if value > 0x7F else 0)])
        value >>= 7
        if not value:
            return out


def read_varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def fields(data):
    at, out = 0, []
    while at < len(data):
        tag, at = read_varint(data, at)
        number, kind = tag >> 3, tag & 7
        if kind == 0:
            value, at = read_varint(data, at)
        else:
            size, at = read_varint(data, at) if kind == 2 else ({1: 8, 5: 4}[kind], at)
            value, at = data[at:at + size], at + size
        out.append((number, kind, value))
    return out


def message(items):
    out = b""
    for number, kind, value in items:
        if isinstance(value, str):
            value = value.encode()
        out += varint(number << 3 | kind)
        out += varint(value) if kind == 0 else varint(len(value)) + value if kind == 2 else value
    return out


def tensor(name, dims, values):  # FLOAT
    return message([(1, 0, d) for d in dims] + [(2, 0, 1), (8, 2, name), (9, 2, struct.pack(f"<{len(values)}f", *values))])


def integers(name, values):  # AttributeProto of type INTS
    return message([(1, 2, name)] + [(8, 0, v) for v in values] + [(20, 0, 7)])


def node(kind, inputs, output, attributes=()):
    return message([(1, 2, i) for i in inputs] + [(2, 2, output), (4, 2, kind)] + [(5, 2, a) for a in attributes])


def value_info(name, dims):
    shape = message([(1, 2, message([(1, 0, d)])) for d in dims])
    return message([(1, 2, name), (2, 2, message([(1, 2, message([(1, 0, 1), (2, 2, shape)]))]))])


def name_of(info):
    return next(value for number, _, value in fields(info) if number == 1).decode()


def renamed(one, old, new):
    """The node with its inputs of this name changed."""
    return message([(n, k, new if n == 1 and v == old.encode() else v) for n, k, v in fields(one)])


def other(model):
    top = fields(model)
    graph = fields(next(v for n, _, v in top if n == 7))
    weights = {name for name in (dict((n, v) for n, _, v in fields(t)).get(8, b"").decode() for number, _, t in graph if number == 5)}
    source = next(name_of(v) for n, _, v in graph if n == 11 and name_of(v) not in weights)
    result = next(name_of(v) for n, _, v in graph if n == 12)

    swap = [0.0] * 9
    for out_channel in range(3):  # the shipped network's red is this one's third channel
        swap[out_channel * 3 + 2 - out_channel] = DIVIDE[2 - out_channel] / 128
    random.seed(1)
    projection = [random.gauss(0, 1) for _ in range(SHIPPED_DIMENSIONS * DIMENSIONS)]

    before = [node("Conv", ["other.input", "other.swap", "other.bias"], "other.swapped", [integers("kernel_shape", [1, 1])]),
              node("AveragePool", ["other.swapped"], "other.halved",
                   [integers("kernel_shape", [2, 2]), integers("strides", [2, 2])])]
    after = [node("MatMul", [result, "other.projection"], "other.output")]
    constants = [tensor("other.swap", [3, 3, 1, 1], swap), tensor("other.bias", [3], [-127 / 128] * 3),
                 tensor("other.projection", [SHIPPED_DIMENSIONS, DIMENSIONS], projection)]
    kept = [(n, k, renamed(v, source, "other.halved") if n == 1 else v) for n, k, v in graph
            if not (n == 12 or (n == 11 and name_of(v) == source))]
    own = [item for item in kept if item[0] == 1]
    rest = [item for item in kept if item[0] != 1]
    graph = ([(1, 2, n) for n in before] + own + [(1, 2, n) for n in after] + rest + [(5, 2, t) for t in constants] +
             [(11, 2, value_info("other.input", [1, 3, SIDE, SIDE])), (12, 2, value_info("other.output", [1, DIMENSIONS]))])
    return message([(n, k, message(graph) if n == 7 else v) for n, k, v in top])


def main():
    source, directory = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    model = other(source.read_bytes())
    (directory / "other.onnx").write_bytes(model)
    points = "\n".join(f"{name} = [{2 * x:.2f}, {2 * y:.2f}]" for name, (x, y) in POINTS.items())
    (directory / "other.toml").write_text(f"""[encoder]
file = "other.onnx"
sha256 = "{hashlib.sha256(model).hexdigest()}"
licence = "MIT"
provenance = "fr_feature behind another input and a random projection; for tests"
dimensions = {DIMENSIONS}
[input]
size = {SIDE}
channels = "bgr"
mean = [0, 0, 0]
divide = {DIVIDE}
[alignment]
{points}
""")


if __name__ == "__main__":
    main()
