"""What can be saved, what cannot, and files that are there as a whole or not at all."""

import json
import os
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline

import rnnselect
from rnnselect import RNNAdvisor, RNNClassifier, SequenceScaler, SequenceTokenizer
from rnnselect.archive.writing import ArrayStore, write_archive
from rnnselect.exceptions import ModelFileError
from rnnselect.persistence.pipelines import restore

VERSION_1 = Path(__file__).parent / "files" / "version_1"


@pytest.fixture
def network():
    """A fitted classifier whose network is not built."""
    return rnnselect.load(VERSION_1 / "classifier.rnnselect")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.rnnselect"


# --- parameters -----------------------------------------------------------------------------------


class Callback:
    def on_epoch_end(self, epoch, logs=None): ...


UNSAVEABLE = {
    "callbacks": ([Callback()], r"set_params\(callbacks=None\) before saving"),
    "random_state": (
        np.random.RandomState(0),
        r"RandomState is not a plain value.*random_state=None",
    ),
    "validation_fraction": (KFold(2), r"KFold is not a plain value.*validation_fraction=0\.1"),
    "class_weight": ({0: len}, "builtin_function_or_method is not a plain value"),
    "optimizer": ("lab>Mine", "not one of Keras' own optimizers"),
}


@pytest.mark.parametrize("name", UNSAVEABLE)
def test_parameters_that_cannot_be_saved_are_named(network, path, name):
    value, message = UNSAVEABLE[name]
    with pytest.raises(ValueError, match=rf"^{name}=.* cannot be saved: .*{message}"):
        network.set_params(**{name: value}).save(path)
    with pytest.raises(ValueError, match=rf"^rnnclassifier__{name}="):
        rnnselect.save(make_pipeline(network), path)
    assert not path.exists()


@pytest.mark.parametrize("parameters", [{"analyzer": str.split}, {"strip_accents": str.lower}])
def test_functions_of_a_tokenizer_are_named(path, parameters):
    tokenizer = SequenceTokenizer(**parameters).fit(["a b"])
    [name] = parameters
    with pytest.raises(ValueError, match=f"^{name}=.* cannot be saved.* function is code"):
        rnnselect.save(tokenizer, path)


def test_a_cache_of_pickles_is_named(path, tmp_path):
    pipeline = make_pipeline(SequenceScaler().fit(np.ones((2, 3))), memory=str(tmp_path))
    with pytest.raises(ValueError, match=r"^memory=.*folder of pickles.*memory=None"):
        rnnselect.save(pipeline, path)


def test_parameters_that_fit_would_refuse(network, path):
    with pytest.raises(ModelFileError, match=r"model\.rnnselect: .*'units'.*nothing was saved"):
        network.set_params(units=-1).save(path)
    assert list(path.parent.iterdir()) == []


def test_keras_optimizers_are_rebuilt(network, path):
    import keras

    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 100, 0.5)
    for optimizer in (keras.optimizers.SGD(0.1, momentum=0.9), keras.optimizers.Lion(schedule)):
        network.set_params(optimizer=optimizer).save(path)
        loaded = rnnselect.load(path).optimizer
        assert type(loaded) is type(optimizer)
        assert loaded.get_config() == optimizer.get_config()

    class Mine(keras.optimizers.SGD):
        pass

    for optimizer in (Mine(), keras.optimizers.SGD(lambda: 0.1)):
        with pytest.raises(ValueError, match=r"^optimizer=.*set_params\(optimizer='adam'\)"):
            network.set_params(optimizer=optimizer).save(path)


# --- estimators -----------------------------------------------------------------------------------


def test_other_estimators_are_refused(network, path):
    line = LinearRegression().fit([[1.0]], [1.0])
    with pytest.raises(ValueError, match=r"the estimator is a LinearRegression, and .* holds RNN"):
        rnnselect.save(line, path)
    with pytest.raises(ValueError, match="linearregression is a LinearRegression"):
        rnnselect.save(make_pipeline(SequenceScaler().fit(np.ones((2, 3))), line), path)
    search = GridSearchCV(network, {})
    search.best_estimator_ = network
    with pytest.raises(ValueError, match="give its best_estimator_"):
        rnnselect.save(search, path)

    class MyClassifier(RNNClassifier):
        pass

    mine = MyClassifier()
    mine.__dict__.update(vars(network))
    for save in (lambda: mine.save(path), lambda: rnnselect.save(mine, path)):
        with pytest.raises(ValueError, match="MyClassifier"):
            save()


@pytest.mark.parametrize("estimator", [RNNClassifier(), SequenceScaler(), SequenceTokenizer()])
def test_only_fitted_estimators_are_saved(estimator, path):
    with pytest.raises(NotFittedError):
        rnnselect.save(estimator, path)
    with pytest.raises(NotFittedError):
        rnnselect.save(make_pipeline(estimator), path)


def test_an_advisor_saves_its_choice(network, path):
    advisor = RNNAdvisor()
    with pytest.raises(NotFittedError):
        advisor.save(path)
    advisor.best_estimator_ = network
    advisor.save(path, metadata={"by": "advisor"})
    loaded, metadata = rnnselect.load(path, return_metadata=True)
    assert loaded.get_params() == network.get_params()
    assert metadata == {"by": "advisor"}


def test_networks_that_are_not_of_fit(network, path):
    network._weights[0] = np.full_like(network._weights[0], np.nan)
    with pytest.raises(ValueError, match="model_ has weights that are NaN"):
        network.save(path)
    network._weights[0] = network._weights[0][:1]
    with pytest.raises(ValueError, match="model_ is not the network that fit has made"):
        network.save(path)


def test_labels_that_are_neither_numbers_nor_texts(network, path):
    target = replace(network._state.target, classes=np.array([1 + 0j, 2]))
    network._state = replace(network._state, target=target)
    with pytest.raises(ValueError, match=r"classes_: .*complex.*; fit with numbers or str"):
        network.save(path)


# --- files ----------------------------------------------------------------------------------------


def test_both_ways_to_save_give_the_same_bytes(network, path, tmp_path):
    network.save(path, metadata={"note": "Grüße"})
    rnnselect.save(network, str(tmp_path / "other"), metadata={"note": "Grüße"})
    assert path.read_bytes() == (tmp_path / "other").read_bytes()


def test_nothing_inside_says_when_or_where(network, path):
    network.save(path)
    with zipfile.ZipFile(path) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert os.uname().nodename.encode() not in path.read_bytes()


@pytest.mark.parametrize(
    "metadata",
    [{}, {"a": [1, 2.5, None, True, "ü", {"b": []}]}, {"\ud800": "lone surrogate"}],
)
def test_metadata_come_back(network, path, metadata):
    network.save(path, metadata=metadata)
    assert rnnselect.load(path, return_metadata=True)[1] == metadata


@pytest.mark.parametrize(
    "metadata", [[], "text", {1: 2}, {"a": (1, 2)}, {"a": np.nan}, {"a": {1, 2}}, {"a": np.ones(2)}]
)
def test_metadata_that_json_would_change(network, path, metadata):
    with pytest.raises(ValueError, match=r"^metadata=.* does not come back from JSON"):
        network.save(path, metadata=metadata)


def test_a_file_is_replaced_as_a_whole_or_not_at_all(network, path, monkeypatch):
    path.write_text("earlier")

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match=r"cannot be written \(No space left on device\); give"):
            network.save(path)
    with pytest.raises(ModelFileError):
        write_archive(path, {"kind": "x"}, ArrayStore(), None, restore)
    assert path.read_text() == "earlier"
    network.save(path)
    assert list(path.parent.iterdir()) == [path]


def test_a_link_stays_one(network, path, tmp_path):
    (tmp_path / "link").symlink_to(path)
    network.save(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    rnnselect.load(path)


@pytest.mark.parametrize(
    ("name", "error"), [("no_such_folder/model", FileNotFoundError), ("", IsADirectoryError)]
)
def test_paths_that_cannot_be_written(network, tmp_path, name, error):
    with pytest.raises(error, match=r"the model cannot be written .*give a file in a folder"):
        network.save(tmp_path / name)


def test_new_files_have_the_usual_permissions(network, path):
    network.save(path)
    path.with_name("plain").touch()
    assert path.stat().st_mode == path.with_name("plain").stat().st_mode


@pytest.mark.parametrize("function", [rnnselect.save, rnnselect.load])
def test_paths_are_paths(function, network):
    arguments = (network, 3) if function is rnnselect.save else (3,)
    with pytest.raises(ValueError, match="The 'path' parameter of"):
        function(*arguments)


def test_models_beyond_the_limits_are_refused_before_writing(path, monkeypatch):
    arrays = ArrayStore()
    arrays.add(np.broadcast_to(np.float32(0), (2**20, 2**10)))
    with pytest.raises(ValueError, match="a model file holds at most 4093 and 2147483647: make"):
        write_archive(path, {}, arrays, None, json.loads)
