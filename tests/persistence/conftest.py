"""What these tests share: model files, taken apart, changed and put together again."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

FILES = Path(__file__).parent / "files"


class Parts(dict):
    """The members of a model file: what JSON holds, and bytes. Changes make a forgery."""

    def write(self, path, compression=zipfile.ZIP_STORED):
        with zipfile.ZipFile(path, "w", compression) as archive:
            for name, content in self.items():
                text = content if isinstance(content, bytes) else json.dumps(content)
                archive.writestr(zipfile.ZipInfo(name), text, compression)
        return path

    @property
    def estimator(self):
        return self["estimator.json"]

    def edit(self, value, *keys):
        """Replace what `keys` lead to in ``estimator.json``."""
        *way, last = keys
        place = self.estimator
        for key in way:
            place = place[key]
        place[last] = value
        return self

    def replace_array(self, array, *keys):
        """Replace an array that ``estimator.json`` refers to, and leave what is said of it."""
        place = self.estimator
        for key in keys:
            place = place[key]
        buffer = io.BytesIO()
        np.save(buffer, array, allow_pickle=array.dtype == object)
        self[f"arrays/{place['array']}.npy"] = buffer.getvalue()
        return self


@pytest.fixture(scope="session")
def parts():
    """Take a file of the first version apart."""

    def take(name):
        with zipfile.ZipFile(FILES / "version_1" / f"{name}.rnnselect") as archive:
            members = {member: archive.read(member) for member in archive.namelist()}
        return Parts(
            (name, json.loads(content) if name.endswith(".json") else content)
            for name, content in members.items()
        )

    return take
