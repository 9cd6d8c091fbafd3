"""All of these tests need Keras, and most need compiled programs."""

from rnnselect.recurrent.programs import begin_keeping

begin_keeping()  # before a test's module makes an optimizer: TensorFlow looks once for kept programs
