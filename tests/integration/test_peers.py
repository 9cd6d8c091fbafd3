"""What users of other packages complain about, and what holds here.

Each test names a complaint and where it was made: a thread of the package's GitHub repository, or
what was measured or read in its code (SciKeras 0.13, `keras.wrappers` of Keras 3.15, skorch 1.4,
sktime 1.2, aeon 1.6, tslearn of August 2026). Complaints that other tests answer are not repeated:
classifiers that are not recognised (SciKeras #332 and #337; keras #13754) and stratified folds,
ROC AUC, voting, calibration in `test_scoring_and_splitting` and `test_meta_estimators`; prediction
that mixes rows (sktime's GRU), files in the working directory (aeon #3595) and progress bars
(`keras.wrappers`) in `test_properties`; seeds that leak (aeon, tslearn), weights of samples and
classes (skorch #203 and #673; keras #14681), restored weights and stratified validation parts
(keras #2128) in `tests/recurrent`.
"""

import copy
import gc
import pickle
import warnings

import keras
import numpy as np
import pytest
import sklearn
from sklearn.base import clone
from sklearn.ensemble import AdaBoostClassifier, BaggingRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from rnnselect import RNNClassifier
from rnnselect.recurrent import programs


def weights_of(network):
    return np.concatenate([np.ravel(v) for v in network.model_.trainable_variables])


# --- SciKeras ------------------------------------------------------------------------------------


def test_folds_of_other_sizes_compile_nothing(digits, tiny):
    """SciKeras #257: "5 out of the last 13 calls triggered tf.function retracing"."""
    tiny.classifier().fit(digits.panel, digits.names).predict(digits.panel)
    before = programs.program_counts()
    for cv in (3, 4, 7):
        cross_validate(tiny.classifier(), digits.panel, digits.names, cv=cv, error_score="raise")
    assert programs.program_counts() == before


def test_stopping_inside_a_pipeline_looks_at_its_own_fold_only(digits, tiny):
    """SciKeras #289 and skorch #599: early stopping inside a pipeline, which must not leak.

    The test rows of the outer split are replaced by noise: no weight of the network moves.
    """
    train, _ = next(KFold(3).split(digits.series))
    noisy = np.random.default_rng(0).normal(size=digits.series.shape).astype("float32")
    noisy[train] = digits.series[train]
    pipeline = make_pipeline(StandardScaler(), tiny.classifier(early_stopping=True, epochs=3))
    fitted = []
    for X in (digits.series, noisy):
        found = cross_validate(pipeline, X, digits.names, cv=KFold(3), return_estimator=True)
        fitted.append(found["estimator"][0][-1])
    assert len(fitted[0].history_["val_loss"]) == 3
    np.testing.assert_array_equal(weights_of(fitted[0]), weights_of(fitted[1]))


class OfAnotherPackage(keras.callbacks.Callback):
    """Holds on to the model, as callbacks do, and to what it is told."""

    def __init__(self):
        super().__init__()
        self.losses = []

    def on_epoch_end(self, epoch, logs=None):
        self.losses.append(logs["loss"])


def test_callbacks_in_searches_clones_and_pickles(digits, tiny):
    """SciKeras #236, keras #20887, skorch #271: such estimators cannot be pickled or cloned.

    Also keras #4278 and #4081 (callbacks in a search). What a callback learns in one fit stays
    out of the next, because every fit works on a copy.
    """
    callback = OfAnotherPackage()
    clf = tiny.classifier(callbacks=[callback], epochs=1)
    halves = [(np.arange(60), np.arange(60, 120))]
    search = GridSearchCV(clf, {"learning_rate": [0.1]}, cv=halves, error_score="raise")
    search.fit(digits.panel, digits.names)
    restored = pickle.loads(pickle.dumps(search))
    np.testing.assert_allclose(
        restored.predict_proba(digits.panel), search.predict_proba(digits.panel), atol=1e-6
    )
    assert callback.losses == []
    assert isinstance(clone(search.best_estimator_).callbacks[0], OfAnotherPackage)


# --- keras.wrappers ------------------------------------------------------------------------------


def test_no_setting_is_lost_on_the_way_into_a_search(digits, tiny):
    """Measured: `fit_kwargs` are lost by `clone`; a search with epochs=5 trained 1 epoch."""
    search = GridSearchCV(tiny.classifier(), {"epochs": [3, 5]}, cv=2)
    search.fit(digits.panel, digits.names)
    found = cross_validate(
        search, digits.panel, digits.names, cv=2, return_estimator=True, error_score="raise"
    )
    for each in (search, *found["estimator"]):
        network = each.best_estimator_
        assert network.n_epochs_ == each.best_params_["epochs"] == len(network.history_["loss"])


def test_second_search_comes_to_an_end(digits, tiny):
    """keras #6600: the second grid search of a process hangs for ever."""
    scores = []
    for _ in range(2):
        search = GridSearchCV(tiny.classifier(), {"cell": ["gru", "lstm"]}, cv=2)
        scores.append(search.fit(digits.panel, digits.names).cv_results_["mean_test_score"])
    np.testing.assert_array_equal(*scores)


@pytest.mark.parametrize("kind", ["panel", "padded"])
def test_boosting_of_sequences(digits, tiny, kind):
    """keras #13031: 3-D input with an LSTM in AdaBoost. It needs weights of samples as well."""
    X = np.nan_to_num(getattr(digits, kind))  # scikit-learn's own check knows no padding
    boosted = AdaBoostClassifier(tiny.classifier(cell="lstm"), n_estimators=3, random_state=0)
    assert boosted.fit(X, digits.names).score(X, digits.names) > 0.6
    assert len({tuple(weights_of(each)) for each in boosted.estimators_}) == 3


def test_history_is_plain_data(tiny, digits):
    """Measured: `history_` is a callback object, and reading `epoch_` raises."""
    clf = tiny.classifier(early_stopping=True).fit(digits.panel, digits.names)
    assert list(clf.history_) == ["loss", "val_loss"]
    assert all(type(loss) is float for losses in clf.history_.values() for loss in losses)
    assert clf.n_epochs_ == 3


def test_requests_go_to_the_method_they_name(tiny):
    """Read: `set_fit_request` writes to the request of `score`."""
    with sklearn.config_context(enable_metadata_routing=True):
        request = tiny.classifier().set_fit_request(sample_weight=True).get_metadata_routing()
    assert request.fit.requests == {"sample_weight": True, "groups": None}
    assert request.score.requests == {"sample_weight": None}


# --- skorch --------------------------------------------------------------------------------------


def test_outputs_have_the_form_of_the_targets(digits, tiny):
    """skorch #728 and #972: 1-D and 2-D targets, as in `BaggingRegressor`.

    keras #2864 as well: the shape of the probabilities of two classes. Forms and types are those
    of scikit-learn's own linear models (from SciKeras' tests).
    """
    numbers = np.unique(digits.names, return_inverse=True)[1]
    for y in (digits.names, numbers, digits.names == "one"):
        own = tiny.classifier().fit(digits.panel, y)
        linear = LogisticRegression().fit(digits.series > 5, y)
        for method in ("predict", "predict_proba"):
            made = getattr(own, method)(digits.panel)
            expected = getattr(linear, method)(digits.series > 5)
            assert (made.shape, made.dtype) == (expected.shape, expected.dtype)
        assert own.classes_.dtype == linear.classes_.dtype
    X = digits.series.astype("float64")
    for y in (digits.ink, digits.ink[:, None], digits.ink.astype(int)):
        made = tiny.regressor().fit(X, y).predict(X)
        expected = LinearRegression().fit(X, y).predict(X)
        assert (made.shape, made.dtype) == (expected.shape, expected.dtype)
    bagging = BaggingRegressor(tiny.regressor(), n_estimators=2).fit(X, digits.ink)
    assert bagging.predict(X).shape == (120,)


def test_nothing_is_learnt_before_fit(digits, tiny):
    """skorch #1073 and #574: an initialised module keeps its weights from fold to fold."""
    clf = tiny.classifier()
    X, y = digits.ragged, digits.names
    fresh = cross_validate(clf, X, y, cv=2, return_estimator=True)["estimator"]
    clf.fit(X, y)
    after = cross_validate(clf, X, y, cv=2, return_estimator=True)["estimator"]
    for one, other in zip(fresh, after, strict=True):
        np.testing.assert_array_equal(weights_of(one), weights_of(other))
    assert not [name for name in clf.get_params() if name.endswith("_")]


def test_many_fits_leave_nothing_behind(digits, tiny):
    """skorch #306, sktime #4610, keras #17458 and #20245: memory grows from fit to fit."""
    clf = tiny.classifier(epochs=1)

    def count():
        gc.collect()
        objects = gc.get_objects()
        return sum(isinstance(o, keras.Model) for o in objects), len(objects)

    for _ in range(3):
        clf.fit(digits.panel, digits.names).predict(digits.panel)
    n_models, n_objects = count()
    for _ in range(10):
        clf.fit(digits.panel, digits.names).predict(digits.panel)
    more_models, more_objects = count()
    assert more_models == n_models
    assert more_objects - n_objects < 1000  # a single fitted network has about 750


# --- sktime, aeon, tslearn -----------------------------------------------------------------------


def test_copies_of_a_fitted_network_predict(digits, tiny):
    """sktime #4128 and #5324: plain pickle loses the network; aeon #1158: it cannot be saved."""
    clf = tiny.classifier().fit(digits.ragged, digits.names)
    expected = clf.predict_proba(digits.ragged)
    for copied in (copy.deepcopy(clf), pickle.loads(pickle.dumps(clf))):
        np.testing.assert_allclose(copied.predict_proba(digits.ragged), expected, atol=1e-6)
        np.testing.assert_array_equal(
            weights_of(copied.fit(digits.ragged, digits.names)), weights_of(clf)
        )


def test_an_optimizer_object_trains_every_clone(digits, tiny):
    """sktime #10990: an optimizer object is never bound to the network, which learns nothing.

    Keras binds an optimizer to the first network that it trains, so that later ones fail.
    """
    optimizer = keras.optimizers.Adam(0.1)
    search = GridSearchCV(
        tiny.classifier(optimizer=optimizer), {"cell": ["gru", "lstm"]}, cv=2, error_score="raise"
    )
    search.fit(digits.panel, digits.names)
    named = GridSearchCV(tiny.classifier(clipnorm=None), {"cell": ["gru", "lstm"]}, cv=2)
    named.fit(digits.panel, digits.names)
    assert search.best_score_ == pytest.approx(named.best_score_, abs=0.05)
    assert not optimizer.built


def test_short_sequences_have_probabilities(digits, tiny):
    """tslearn #277: probabilities are NaN where lengths vary; sktime #1984, aeon: refused."""
    X = [image[: 1 if i % 9 == 0 else 8] for i, image in enumerate(digits.panel)]
    probabilities = tiny.classifier().fit(X, digits.names).predict_proba(X)
    assert np.isfinite(probabilities).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)


def test_zeros_are_values(digits, tiny):
    """Keras' `Masking(0.)` takes true zeros for padding."""
    clf = tiny.classifier(scale_inputs=False).fit(digits.ragged, digits.names)
    short = digits.panel[:5, :6]
    blank = np.concatenate([short, np.zeros((5, 2, 2), "float32")], axis=1)
    assert not np.allclose(clf.predict_proba(blank), clf.predict_proba(short), atol=1e-3)


def test_fractions_stay_fractions(digits, tiny):
    """Keras' `pad_sequences` pads at the front and makes whole numbers of all values."""
    X = [image / 100 for image in digits.listed]
    clf = tiny.classifier(scale_inputs=False).fit(X, digits.names)
    zeros = [np.zeros_like(image) for image in X]
    assert not np.allclose(clf.predict_proba(zeros), clf.predict_proba(X), atol=1e-4)


# --- odd settings --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n_samples", "settings"),
    [(30, {"batch_size": 1, "epochs": 1}), (10, {}), (30, {"learning_rate": 10.0})],
    ids=["batches of one", "a batch larger than all", "huge steps"],
)
def test_odd_settings(digits, tiny, n_samples, settings):
    """From the tests of skorch and SciKeras."""
    clf = tiny.classifier(**settings)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        clf.fit(digits.panel[:n_samples], digits.names[:n_samples])
    assert np.isfinite(clf.predict_proba(digits.panel)).all()
    assert clf.n_epochs_ == clf.epochs


def test_no_parameter_is_a_bag_of_others():
    """Measured: grids over `model_kwargs__x` raise. Every setting here has a name of its own."""
    assert [name for name in RNNClassifier().get_params() if name.endswith("kwargs")] == []
    assert RNNClassifier().set_params(units=7, dropout=0.5).units == 7
    with pytest.raises(ValueError, match=r"Invalid parameter 'unit' .*Valid parameters are"):
        RNNClassifier().set_params(unit=7)
