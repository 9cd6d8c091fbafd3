"""Words of any script stay whole, and documents that are not split into words are noticed."""

import pickle
import unicodedata
import warnings

import pytest
from sklearn.feature_extraction.text import CountVectorizer

from rnnselect import SequenceTokenizer
from rnnselect.preprocessing.words import word_pattern

# Words with signs that are not letters for themselves: vowels, tones, accents, points, joiners.
WORDS = {
    "Hindi": "हिन्दी में फ़िल्म अच्छी थी",
    "Bengali": "সিনেমাটি খুব ভালো",
    "Tamil": "திரைப்படம் மிகவும் நன்றாக இருந்தது",
    "Telugu": "సినిమా చాలా బాగుంది",
    "Malayalam": "ചിത്രം വളരെ നല്ലതായിരുന്നു",
    "Sinhala": "චිත්‍රපටය හොඳයි",
    "Persian": "فیلم خوبی می‌خواهم",
    "Arabic with vowels": "الفِيلْمُ جَيِّدٌ",
    "Hebrew with points": "הַסֶּרֶט טוֹב",
    "Thai, split": "ภาพยนตร์ เรื่อง นี้ ดี",
    "Burmese, split": "ရုပ်ရှင် ကောင်းတယ်",
    "Khmer, split": "ភាពយន្ត ល្អ",
    "Amharic": "ፊልሙ ጥሩ ነው",
    "Korean": "영화가 좋았다",
    "decomposed Korean": unicodedata.normalize("NFD", "영화가 좋았다"),
    "decomposed French": unicodedata.normalize("NFD", "très naïve"),
    "decomposed Vietnamese": unicodedata.normalize("NFD", "bộ phim rất hay"),
    "Yoruba": "fíìmù náà dára púpọ̀",
    "Turkish": "İstanbul'da".partition("'")[0].lower() + " güzel",
    "Greek": "η ταινία ήταν καλή",
    "English": "it was 7 of 10",
}


@pytest.mark.parametrize("language", WORDS)
def test_words_stay_whole(language):
    text = WORDS[language]
    tokenizer = SequenceTokenizer(lowercase=False)
    for sign in (", ", "! ", "। ", "… ", "\n", " — "):
        made = tokenizer.inverse_transform(tokenizer.fit_transform([text.replace(" ", sign)]))
        assert made[0].tolist() == text.split()


def test_pattern_is_that_of_plain_words_where_there_are_no_signs():
    text = "I saw (a) film_2, once-more: 7/10 «naïve» ... don't!"
    plain = CountVectorizer(token_pattern=r"(?u)\b\w+\b").build_analyzer()
    tokenizer = SequenceTokenizer()
    assert CountVectorizer(**tokenizer.splitting()).build_analyzer()(text) == plain(text)
    assert tokenizer.get_params()["token_pattern"] is None
    assert len(word_pattern()) < 10_000


NOT_SPLIT = {
    "Chinese": ["这部电影非常好看", "这部电影不好看吗", "我不喜欢这个演员"],
    "Chinese with punctuation": ["这部电影非常好看而且感人。我非常喜欢这个演员。", "故事很无聊。"],
    "Japanese": ["この映画はとても面白かったです。", "この映画はあまり面白くなかったです。"],
    "Thai": ["ภาพยนตร์เรื่องนี้ดีมาก", "ฉันไม่ชอบภาพยนตร์เรื่องนี้"],
    "Khmer": ["ភាពយន្តនេះល្អណាស់", "ខ្ញុំមិនចូលចិត្តភាពយន្តនេះ"],
    "proteins": ["MKTAYIAKQRQISFVKSHFSRQ", "MKVLAAGIVGLCAKAYQWERTY"],
}  # fmt: skip
SPLIT = {
    "English": ["a good film", "a bad film"],
    "one word each": ["excellent", "unbelievable", "disappointing"],
    "Chinese, split": ["这 部 电影 非常 好看", "我 不 喜欢 这个 演员"],
    "Thai, split": ["ภาพยนตร์ เรื่อง นี้ ดี มาก", "ฉัน ไม่ ชอบ ภาพยนตร์ นี้"],
    "Chinese within English": ["the film 这部电影非常好看 was good and I liked it", "a bad film"],
    "one document": ["MKTAYIAKQRQISFVKSHFSRQ"],
}  # fmt: skip


@pytest.mark.parametrize("language", NOT_SPLIT)
def test_documents_that_are_not_split_are_noticed(language):
    documents = NOT_SPLIT[language]
    with pytest.warns(UserWarning, match=r'not to be split into words.*analyzer="char"'):
        SequenceTokenizer().fit(documents)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        SequenceTokenizer(analyzer="char").fit(documents)
        SequenceTokenizer(analyzer=list).fit(documents)


@pytest.mark.parametrize("language", SPLIT)
def test_documents_that_are_split_are_not(language):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        SequenceTokenizer().fit(SPLIT[language])


def test_documents_are_read_once():
    expected = SequenceTokenizer().fit_transform(["a b", "b"])
    got = SequenceTokenizer().fit_transform(document for document in ["a b", "b"])
    assert [x.tolist() for x in got] == [x.tolist() for x in expected]
    assert pickle.loads(pickle.dumps(SequenceTokenizer().fit(["a"]))).transform(["a"])[0] == [2]
