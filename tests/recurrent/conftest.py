"""All of these tests need Keras, and most need compiled programs."""

from rnnselect.recurrent.programs import begin_keeping

# Before a test's module makes an optimizer: TensorFlow looks for kept programs only once.
begin_keeping()
