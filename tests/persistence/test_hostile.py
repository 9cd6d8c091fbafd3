"""Whatever a file holds, loading it runs nothing, allocates little and gives one clear error."""

import io
import json
import os
import pickle
import struct
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest

from rnnselect import load
from rnnselect.archive import limits
from rnnselect.exceptions import ModelFileError

HUGE = 10**9
WEIGHT = ("weights", "gru_1/kernel")


class Evil:
    """Unpickling it leaves a trace."""

    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return Path.touch, (self.trace,)


def raw(content):
    """A file of these bytes."""
    return lambda parts, path: path.write_bytes(content)


def after_writing(change, name="classifier"):
    """A valid file whose bytes are changed."""

    def make(parts, path):
        content = parts(name).write(path).read_bytes()
        path.write_bytes(change(content))

    return make


def forged(change, name="classifier"):
    """A valid file with other members."""

    def make(parts, path):
        members = parts(name)
        change(members)
        members.write(path)

    return make


def edited(value, *keys, name="classifier"):
    """A valid file that says something else in one place of ``estimator.json``."""
    return forged(lambda parts: parts.edit(value, *keys), name)


def array(values, *keys, name="classifier"):
    """A valid file with another array in place of one."""
    return forged(lambda parts: parts.replace_array(np.asarray(values), *keys), name)


def member(name, content=b""):
    """A valid file with one member more, or another one."""
    return forged(lambda parts: parts.__setitem__(name, content))


def end_record(content, **changes):
    """Change numbers in the record that ends a zip archive."""
    names = ["disk", "start", "here", "members", "bytes", "offset", "comment"]
    fields = dict(zip(names, struct.unpack("<4H2LH", content[-18:]), strict=True))
    return content[:-18] + struct.pack("<4H2LH", *(fields | changes).values())


def flip(content):
    """Change one bit of the first array."""
    where = content.index(b"\x93NUMPY") + 128
    return content[:where] + bytes([content[where] ^ 1]) + content[where + 1 :]


def header(version, name="rnnselect model"):
    """A valid file of another format, or another version of it."""
    return member("format.json", json.dumps({"format": name, "version": version}).encode())


def bomb(parts, path):
    """A gigabyte of zeros in a megabyte would be too slow to make; ten are as good."""
    members = parts("classifier")
    members["arrays/3.npy"] += bytes(10 * 2**20)
    members.write(path, zipfile.ZIP_DEFLATED)


def compressed(parts, path):
    """A valid file with one member that is compressed."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts("classifier").items():
            text = content if isinstance(content, bytes) else json.dumps(content)
            small = name == "metadata.json"
            archive.writestr(name, text, zipfile.ZIP_DEFLATED if small else zipfile.ZIP_STORED)


def overlapping(parts, path):
    """Hundreds of members that are all the same megabyte."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("arrays/0.npy", bytes(2**20))
        [info] = archive.infolist()
        for number in range(1, 500):
            twin = zipfile.ZipInfo(f"arrays/{number}.npy")
            for name in ("CRC", "compress_size", "file_size", "header_offset"):
                setattr(twin, name, getattr(info, name))
            archive.filelist.append(twin)
    path.write_bytes(content.getvalue())


def objects_in_npz(parts, path):
    with path.open("wb") as file:
        np.savez(file, weights=np.array([Evil(path.with_name("trace"))]))


def pickled_weights(parts, path):
    evil = np.array([Evil(path.with_name("trace"))], dtype=object)
    parts("classifier").replace_array(evil, *WEIGHT).write(path)


def keras_with_lambda(parts, path):
    code = {"class_name": "__lambda__", "config": {"value": "4wEAAAA="}}
    layer = {"class_name": "Lambda", "config": {"function": code}}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", json.dumps({"layers": [layer]}))
        archive.writestr("model.weights.h5", b"")


FILES = {
    "empty": (raw(b""), "not a zip archive"),
    "text": (raw(b"hello" * 100), "not a zip archive"),
    "pickle": (
        lambda _, path: path.write_bytes(pickle.dumps(Evil(path.with_name("trace")))),
        "not a zip archive",
    ),
    "npz of objects": (objects_in_npz, "no member format"),
    "keras file with a lambda layer": (keras_with_lambda, "no member format"),
    "half a file": (after_writing(lambda b: b[: len(b) // 2]), "not a zip archive, or not"),
    "script before it": (after_writing(lambda b: b"#!/bin/sh\n" + b), "directory .* not where"),
    "comment": (after_writing(lambda b: b[:-2] + b"\1\0#"), "not a zip archive, or not"),
    "64-bit extension": (
        after_writing(lambda b: b[:-22] + b"PK\6\7" + bytes(16) + b[-22:]), "with an extension",
    ),
    "many members": (after_writing(lambda b: end_record(b, members=5000)), "5000 members"),
    "large directory": (after_writing(lambda b: end_record(b, bytes=2**31)), "directory of"),
    "directory elsewhere": (after_writing(lambda b: end_record(b, offset=0)), "not where"),
    "garbled directory": (after_writing(lambda b: b[:-200] + bytes(100) + b[-100:]), "directory"),
    "bomb": (bomb, "larger than the file"),
    "compressed": (compressed, r"metadata\.json must not be compressed"),
    "overlapping members": (overlapping, "larger than the file"),
    "flipped bit": (after_writing(flip), "CRC"),
    "path traversal": (member("../../evil.npy"), r"unknown member '\.\./\.\./evil.npy'"),
    "absolute path": (member("/etc/passwd"), "unknown member '/etc/passwd'"),
    "folder": (member("arrays/"), "unknown member 'arrays/'"),
    "another number": (member("arrays/01.npy"), r"unknown member 'arrays/01\.npy'"),
    "unused array": (member("arrays/4000.npy"), r"its member arrays/4000\.npy is not used"),
    "no header": (forged(lambda p: p.pop("format.json")), r"it has no member format\.json"),
    "no estimator": (forged(lambda p: p.pop("estimator.json")), r"no member estimator\.json"),
    "no metadata": (forged(lambda p: p.pop("metadata.json")), r"no member metadata\.json"),
    "missing array": (forged(lambda p: p.pop("arrays/3.npy")), r"arrays/3\.npy, which is missing"),
    "another format": (header(1, "x"), "'format'"),
    "version 0": (header(0), "'version'"),
    "version that is none": (header(True), "version True"),
    "list": (member("format.json", b"[]"), r"format\.json is \[\], and must be an object"),
}  # fmt: skip

DOCUMENTS = {
    "no JSON": (b"\x80\x04", "codec can't decode"),
    "no object": (b"[1, 2]", "kind of estimator None is unknown"),
    "unknown kind": (b'{"kind": "Lambda"}', "kind of estimator 'Lambda' is unknown"),
    "kind of no name": (b'{"kind": ["RNNClassifier"]}', "is unknown"),
    "NaN": (b'{"kind": NaN}', "holds the number 'NaN'"),
    "infinity": (b'{"kind": 1e999}', "holds the number '1e999'"),
    "twice": (b'{"kind": 1, "kind": 2}', "field twice"),
    "large": (b" " * (limits.MAX_JSON_BYTES + 1), "takes 33554433 bytes, more than"),
    "many values": (b"[" + b"[]," * limits.MAX_JSON_VALUES + b"1]", "more than 1048576 values"),
    "deep": (b"[" * 100_000 + b"]" * 100_000, "recursion"),
    "nested": (b"[" * 60 + b"]" * 60, "nested deeper than 40"),
    "many digits": (b"1" * 10_000, "integer string conversion"),
    "other encoding": ('{"kind": "ü"}'.encode("utf-16"), "codec can't decode"),
}

NETWORKS = {
    "unknown field": (edited(1, "code"), "unknown field 'code'"),
    "no field": (forged(lambda p: p.estimator.pop("weights")), "no field 'weights'"),
    "unknown parameter": (edited(1, "parameters", "loss"), "parameters has the unknown field"),
    "parameter": (edited(0, "parameters", "units"), "'units' parameter of RNNClassifier must be"),
    "no plain value": (edited({"code": 1}, "parameters", "tol"), "is not a plain value"),
    "dict with a list for a key": (
        edited({"dict": [[[1], 2]]}, "parameters", "class_weight"), "have a list or dict as a key",
    ),
    "callbacks": (edited(["x"], "parameters", "callbacks"), "is not a callback"),
    "optimizer by name": (edited("os>system", "parameters", "optimizer"), "not one of Keras' own"),
    "optimizer": (
        edited({"class": "Lambda", "config": {}}, "parameters", "optimizer"), "not one of Keras",
    ),
    "optimizer within another": (
        edited({"class": "MultiOptimizer", "config": {}}, "parameters", "optimizer"), "one of Ke",
    ),
    "optimizer with code": (
        edited(
            {"class": "SGD", "config": {"learning_rate": {"class": "SGD", "config": {}}}},
            "parameters", "optimizer",
        ),
        "not one of Keras' own",
    ),
    "optimizer with a setting that is none": (
        edited({"class": "SGD", "config": {"beta": "x"}}, "parameters", "optimizer"),
        "not a number",
    ),
    "cell": (edited("lambda", "architecture", "cell"), "'cell' parameter of architecture"),
    "units": (edited(HUGE, "architecture", "units"), "contradict each other"),
    "huge": (
        forged(lambda p: p.edit(HUGE, "architecture", "units").edit(HUGE, "shaped_by", "units")),
        r"gru_1/kernel has the shape \(2, 6\), not \(2, 3000000000\)",
    ),
    "layers": (edited(HUGE, "architecture", "num_layers"), "'num_layers'"),
    "steps": (edited(HUGE, "architecture", "n_timesteps"), "'n_timesteps'"),
    "outputs": (edited(3, "architecture", "n_outputs"), "architecture and target contradict"),
    "head": (edited("linear", "architecture", "head"), "architecture and target contradict"),
    "fraction": (edited(2.5, "architecture", "units"), "'units'"),
    "kind of input": (edited("series", "input", "kind"), "architecture and input contradict"),
    "no lengths": (edited([], "input", "padded_lengths"), "not one to three ascending"),
    "descending lengths": (edited([8, 4], "input", "padded_lengths"), "not one to three"),
    "long lengths": (edited([HUGE], "input", "padded_lengths"), "'length' parameter of padded"),
    "lengths of text": (edited([4, "8"], "input", "padded_lengths"), "'length' parameter"),
    "names": (edited(["a"], "input", "feature_names"), "feature_names are not one text"),
    "windows": (
        edited({"length": 3, "horizon": 1, "targets": [[0]]}, "input", "windows"),
        "targets of windows are not different channels",
    ),
    "windows of no channel": (
        edited({"length": 3, "horizon": 1, "targets": [0, 0]}, "input", "windows"),
        "targets of windows are not different channels",
    ),
    "windows of nothing": (edited({"length": 0}, "input", "windows"), "length|misses|field"),
    "scale": (array(np.zeros(2, "f4"), "input", "scale"), "a number that is not positive"),
    "labels": (edited([1, 0], "target", "classes", "values"), "not sorted and different"),
    "same labels": (edited([1, 1], "target", "classes", "values"), "not sorted and different"),
    "labels of another kind": (edited([1, "b"], "target", "classes", "values"), "not all of the"),
    "rounded labels": (edited([0.5, 1], "target", "classes", "values"), "do not fit the dtype"),
    "labels in labels": (edited([[0], [1]], "target", "classes", "values"), "not all of the"),
    "dtype of labels": (edited("V8", "target", "classes", "dtype"), "not a dtype of class labels"),
    "wide labels": (
        edited({"dtype": f"U{HUGE - 1}", "values": ["a", "b"]}, "target", "classes"), "take more",
    ),
    "history": (edited({"loss": ["low"]}, "training", "history"), "values that are not losses"),
    "engine": (edited("shell", "training", "engine"), "'engine'"),
    "seeds": (edited(700, "training", "seeds", "position"), "'position'"),
    "moments": (
        forged(lambda p: p.estimator["training"]["memory"]["arrays"].pop(), "online"),
        "memory do not have the shapes|is not used",
    ),
    "owner": (edited(["compiled"], "training", "memory", "owner", name="online"), "owner of"),
    "NaN weights": (array(np.full((2, 6), np.nan, "f4"), *WEIGHT), "gru_1/kernel holds NaN"),
    "infinite weights": (array(np.full((2, 6), np.inf, "f4"), *WEIGHT), "holds NaN or infinity"),
    "other shape": (array(np.ones((6, 2), "f4"), *WEIGHT), r"float32 array of shape \(2, 6\)"),
    "other dtype": (array(np.ones((2, 3), "f8"), *WEIGHT), r"float32 array of shape \(2, 6\)"),
    "Fortran order": (array(np.ones((2, 6), "f4", "F"), *WEIGHT), "not a float32 array"),
    "big-endian": (array(np.ones((2, 6), ">f4"), *WEIGHT), "not a float32 array"),
    "pickled weights": (pickled_weights, "not a float32 array"),
    "declared dtype": (edited("object", *WEIGHT, "dtype"), "has the dtype object, not float32"),
    "declared shape": (edited([HUGE, HUGE], *WEIGHT, "shape"), r"has the shape \(1000000000, 10"),
    "no shape": (edited([-1, "a"], *WEIGHT, "shape"), "is not possible"),
    "used twice": (edited(0, *WEIGHT, "array"), "missing or used twice"),
    "number of an array": (edited(-1, *WEIGHT, "array"), "'array' parameter of gru_1/kernel"),
    "other weights": (forged(lambda p: p.estimator["weights"].pop("output/bias")), "no field 'out"),
}  # fmt: skip

STEPS = ("steps", 0, 1)
PIPELINES = {
    "memory": (edited("/tmp", "parameters", "memory", name="tokens"), "a folder of pickles"),
    "no steps": (edited([], "steps", name="tokens"), "a pipeline has no steps"),
    "no step": (edited([["a"]], "steps", name="tokens"), "is not a step of a pipeline"),
    "name of a step": (edited("a__b", "steps", 0, 0, name="tokens"), "the name 'a__b' of a step"),
    "network first": (
        forged(lambda p: p.estimator["steps"].reverse(), "tokens"), "does not transform",
    ),
    "code for a step": (edited("os.system", *STEPS, name="tokens"), "kind of estimator None"),
    "analyzer": (edited("eval", *STEPS, "parameters", "analyzer", name="tokens"), "'analyzer'"),
    "pattern": (edited("(", *STEPS, "parameters", "token_pattern", name="tokens"), "not a regular"),
    "no words": (edited(None, *STEPS, "words", name="tokens"), "the tokenizer has no words"),
    "words": (edited(["a", 1], *STEPS, "words", name="tokens"), "words are str"),
    "words twice": (edited(["a", "a"], *STEPS, "words", name="tokens"), "holds 'a' 2 times"),
    "method": (edited("magic", *STEPS, "method", name="steps"), "'method'"),
    "other method": (edited("minmax", *STEPS, "method", name="steps"), "learnt has .* field"),
    "channels": (edited(3, *STEPS, "n_channels_in", name="steps"), "contradict each other"),
    "output": (edited("pandas", *STEPS, "output", name="steps"), "applies to tables"),
}  # fmt: skip


def document(content):
    return member("estimator.json", content)


ALL = {
    **{f"file: {name}": case for name, case in FILES.items()},
    **{f"JSON: {name}": (document(text), message) for name, (text, message) in DOCUMENTS.items()},
    **{f"network: {name}": case for name, case in NETWORKS.items()},
    **{f"pipeline: {name}": case for name, case in PIPELINES.items()},
}


@pytest.mark.parametrize("name", ALL)
def test_is_refused(name, parts, tmp_path):
    make, message = ALL[name]
    path = tmp_path / "hostile.rnnselect"
    make(parts, path)
    tracemalloc.start()
    try:
        with pytest.raises(ModelFileError, match=message) as caught:
            load(path)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    said = str(caught.value)
    assert said.startswith(f"{path}: ")
    assert said.endswith("save the model again.")
    assert len(said) < 400 + 200 + len(str(path))
    assert peak_bytes < 4 * path.stat().st_size + 2**20
    assert not path.with_name("trace").exists()  # of code that ran


def test_the_traps_are_real(tmp_path):
    pickle.loads(pickle.dumps(Evil(tmp_path / "trace")))
    assert (tmp_path / "trace").exists()


def test_a_newer_version_says_so(parts, tmp_path):
    members = parts("classifier")
    members["format.json"] = {"format": "rnnselect model", "version": 2, "what": "more"}
    members["layers.json"] = {}
    members.write(tmp_path / "new")
    with pytest.raises(ModelFileError, match=r"version 2 .* up to version 1; install a newer"):
        load(tmp_path / "new")


def test_files_that_are_none(tmp_path):
    with pytest.raises(FileNotFoundError, match="missing"):
        load(tmp_path / "missing")
    with pytest.raises(IsADirectoryError):
        load(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ModelFileError, match="not an ordinary file"):
        load(tmp_path / "pipe")
