"""`load_word_vectors`: both text formats give the same matrix; a bad file is named line by line."""

import gzip

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from rnnselect.preprocessing.tokenizer import SequenceTokenizer
from rnnselect.preprocessing.word_vectors import load_word_vectors

GLOVE = "the 1 0 -1\nfilm 2.5 1e-1 0\nnot -0.5 0.2 4\n"
WORD2VEC = "3 3\n" + GLOVE
MATRIX = [[0, 0, 0], [1, 0.1, 1], [1, 0, -1], [2.5, 0.1, 0], [-0.5, 0.2, 4]]


@pytest.fixture
def write(tmp_path):
    def write(text, name="vectors.txt", encoding="utf-8"):
        path = tmp_path / name
        data = text if isinstance(text, bytes) else text.encode(encoding)
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return path

    return write


@pytest.mark.parametrize("name", ["vectors.txt", "vectors.txt.gz"])
@pytest.mark.parametrize(
    "text",
    [GLOVE, WORD2VEC, WORD2VEC.replace("\n", " \n"), WORD2VEC.replace("\n", "\r\n"), GLOVE.strip()],
    ids=["glove", "word2vec", "trailing spaces", "windows", "no last line end"],
)
def test_both_formats(write, text, name):
    words, matrix = load_word_vectors(write(text, name))
    assert words == ["the", "film", "not"]
    assert matrix.dtype == np.float32
    np.testing.assert_allclose(matrix, MATRIX, rtol=1e-6)


def test_path_as_text(write):
    assert load_word_vectors(str(write(GLOVE)))[0] == ["the", "film", "not"]


def test_rows_are_the_ids_of_the_tokenizer(write):
    words, matrix = load_word_vectors(write(GLOVE))
    tokenizer = SequenceTokenizer(vocabulary=words).fit(["whatever"])
    assert len(matrix) == tokenizer.vocabulary_size_
    vectors = matrix[tokenizer.transform(["not the plot"])[0]]
    np.testing.assert_allclose(vectors, [MATRIX[4], MATRIX[2], MATRIX[1]], rtol=1e-6)


@pytest.mark.parametrize("text", [GLOVE, WORD2VEC])
@pytest.mark.parametrize(("max_tokens", "n_words"), [(3, 1), (4, 2), (5, 3), (99, 3)])
def test_max_tokens_counts_rows(write, text, max_tokens, n_words):
    words, matrix = load_word_vectors(write(text), max_tokens=max_tokens)
    assert words == ["the", "film", "not"][:n_words]
    assert matrix.shape == (n_words + 2, 3)
    np.testing.assert_allclose(matrix[1], np.mean(MATRIX[2 : n_words + 2], axis=0), rtol=1e-6)


def test_lines_that_are_not_needed_are_not_read(write):
    words, _ = load_word_vectors(write(GLOVE + "broken\n"), max_tokens=5)
    assert words == ["the", "film", "not"]


def test_words_with_other_spaces_and_line_ends(write):
    odd = [".\u00a0.", "a\u2028b", "x\u0085y", "\u3000", "3"]
    words, _ = load_word_vectors(write("".join(f"{word} 1 2\n" for word in odd)))
    assert words == odd


def test_encoding(write):
    path = write("naïve 1 2\n", encoding="latin-1")
    assert load_word_vectors(path, encoding="latin-1")[0] == ["naïve"]
    with pytest.raises(ValueError, match=r"encoding='utf-8'.*give the encoding it has"):
        load_word_vectors(path)


VECTORS = arrays(
    np.float32,
    array_shapes(min_dims=2, max_dims=2, max_side=5),
    elements=st.floats(-1e6, 1e6, width=32),
)


@given(VECTORS, st.booleans())
def test_values_come_back(tmp_path_factory, vectors, header):
    lines = [f"w{i} " + " ".join(map(repr, row)) for i, row in enumerate(vectors.tolist())]
    path = tmp_path_factory.getbasetemp() / "round_trip.txt"
    path.write_text("\n".join([*([f"{len(vectors)} {vectors.shape[1]}"] * header), *lines]))
    words, matrix = load_word_vectors(path)
    assert words == [f"w{i}" for i in range(len(vectors))]
    np.testing.assert_array_equal(matrix[2:], vectors)
    np.testing.assert_array_equal(matrix[0], 0)
    smallest = np.finfo(np.float32).tiny  # below it a number keeps fewer digits
    mean = vectors.mean(axis=0, dtype="float64")
    np.testing.assert_allclose(matrix[1], mean, rtol=1e-5, atol=smallest)


BAD_FILES = {
    "vectors larger than memory": ("1 999999999\nthe 1\n", r"line 2: 'the' has 1 value\(s\)"),
    "counts of many digits": ("9" * 5000 + " 3\nthe 1 2 3\n", r"line 2: 'the' has 3 value\(s\)"),
    "endless line": ("the" + " 1" * 2**20, "line 1: it has more than 1,048,576"),
    "endless second line": (GLOVE + "good " + "1" * 2**20, "line 4: it has more than 1,048,576"),
    "empty": ("", "holds no word vectors: its first line is ''"),
    "empty line": ("\n", "holds no word vectors"),
    "header only": ("3 3\n", r"has 0 word\(s\), but its first line says 3"),
    "no words": ("0 3\n", "holds no word vectors: its first line is '0 3"),
    "no values": ("3 0\nthe\n", "holds no word vectors"),
    "words only": ("the\nfilm\n", "holds no word vectors: its first line is 'the"),
    "tabs": ("the\t1\t2\n", "separated by single spaces"),
    "shorter": (GLOVE + "good 1 2\n", r"line 4: 'good' has 2 value\(s\), and not 3 as above; mend"),
    "longer": (GLOVE + "good 1 2 3 4\n", r"line 4: 'good' has 4 value\(s\), and not 3"),
    "shorter than the header": ("1 3\nthe 1 2\n", r"line 2: 'the' has 2 value\(s\), and not 3"),
    "empty inside": ("the 1 2\n\nfilm 1 2\n", r"line 2: '' has 0 value\(s\)"),
    "no number": (GLOVE + "good 1 x 3\n", "line 4: .*'x'.*mend or remove"),
    "two spaces": (GLOVE + "good 1  3\n", "line 4: could not convert string to float: ''"),
    "nan": ("the 1 nan\n", "line 1: 'the' has values that are not finite"),
    "infinite": ("the 1 -inf\n", "line 1: 'the' has values that are not finite"),
    "too large": ("the 1 1e39\n", "line 1: 'the' has values that are not finite float32"),
    "twice": (GLOVE + "the 1 2 3\n", "line 4: the word 'the' is already in line 1; remove one"),
    "twice, header": ("2 1\na 1\na 2\n", "line 3: the word 'a' is already in line 2"),
    "too few lines": ("4 3\n" + GLOVE, r"has 3 word\(s\), but its first line says 4.*incomplete"),
    "too many lines": ("2 3\n" + GLOVE, r"has 3 word\(s\), but its first line says 2"),
    "binary": (b"1 2\nthe \x00\x00\x80\xbf\xff\xfe\n", "binary form must be saved as text"),
}


@pytest.mark.parametrize(("text", "message"), BAD_FILES.values(), ids=BAD_FILES)
def test_bad_files(write, text, message):
    path = write(text)
    with pytest.raises(ValueError, match=message) as error:
        load_word_vectors(path)
    assert f"path={str(path)!r}" in str(error.value)


def test_incomplete_header_with_max_tokens(write):
    with pytest.raises(ValueError, match="its first line says 4"):
        load_word_vectors(write("4 3\n" + GLOVE), max_tokens=6)


def test_no_file(tmp_path):
    for path in (tmp_path, tmp_path / "missing.txt"):
        with pytest.raises(FileNotFoundError, match=r"path='.*' is not a file; give a word2vec"):
            load_word_vectors(path)


def test_gzip_in_name_only(write, tmp_path):
    write(GLOVE).rename(tmp_path / "vectors.gz")
    with pytest.raises(ValueError, match=r"cannot be read as text.*\.gz"):
        load_word_vectors(tmp_path / "vectors.gz")


def test_gzip_cut_off(write):
    path = write("".join(f"word{i} {i}\n" for i in range(1000)), "vectors.gz")
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ValueError, match=r"incomplete \.gz files fetched again"):
        load_word_vectors(path)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"path": 3}, "'path' parameter of load_word_vectors"),
        ({"max_tokens": 2}, "'max_tokens' parameter"),
        ({"encoding": None}, "'encoding' parameter"),
        ({"encoding": "klingon"}, "unknown encoding: klingon"),
    ],
    ids=str,
)
def test_bad_parameters(write, parameters, message):
    with pytest.raises(ValueError, match=message):
        load_word_vectors(**{"path": write(GLOVE), **parameters})
