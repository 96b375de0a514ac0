"""The hyperparameters that give a recurrent language model its shape."""

from dataclasses import dataclass

from stepahead.core.errors import StepaheadError

GATES = {"scratch": 1, "rnn": 1, "gru": 3, "gru_reset": 3, "gru_update": 3, "lstm": 4}
"""how many gates a cell's weights stack up, its candidate included; of gru_reset and gru_update only that gate works"""

HELD_GATES = {"gru_reset": (1, -100.0), "gru_update": (0, 100.0)}
"""The gate that does not work, by its place, and the bias that holds it at exactly 0 or 1, where it has no gradient:
with the update gate at 0 a state is its candidate, with the reset gate at 1 that sees all of the state before."""

CELLS = tuple(GATES)
BIDIRECTIONAL = ("birnn", "bigru", "bilstm")
"""known by name, to say why they are refused"""

READOUTS = ("top", "all")
ACTIVATIONS = ("tanh", "relu")


@dataclass(frozen=True)
class Architecture:
    """What `build_network` needs to know, and what an artifact records.

    Raises:
        StepaheadError: the cell cannot be a language model, or cannot have what it is asked to.
    """

    cell: str
    vocab_size: int
    num_hiddens: int
    num_layers: int = 1
    embedding_size: int = 0  # of a learnt vector for each token; 0: one-hot tokens, as in the book
    tied: bool = False  # the readout's weight is the embedding (Press & Wolf 2017)
    readout: str = "top"  # logits from the top layer's hidden state, or from those of all layers side by side
    forget_bias: float = 0.0  # added to an LSTM's forget gates at the start, to remember by default (Gers et al. 2000)
    activation: str = "tanh"  # of scratch and rnn

    def __post_init__(self) -> None:
        if self.cell in BIDIRECTIONAL:
            raise StepaheadError(
                f"models.rnn has the entry {self.cell!r}, but a bidirectional network cannot be a language model: its "
                "backward half reads the very token it should predict, so its perplexity would mean nothing; use "
                f"{self.cell.removeprefix('bi')}"
            )
        if self.cell == "scratch":
            self._check_scratch()
        if self.activation == "relu" and GATES[self.cell] > 1:
            raise StepaheadError(
                f"rnn.activation = relu, but the gates of {self.cell} need tanh; use rnn.activation=tanh, or leave "
                "only scratch and rnn in models.rnn"
            )
        if self.tied and (self.embedding_size != self.num_hiddens or self.readout_size != self.num_hiddens):
            raise StepaheadError(
                f"rnn.tied needs an embedding as wide as what the readout reads, but rnn.embedding_size = "
                f"{self.embedding_size}, rnn.num_hiddens = {self.num_hiddens} and rnn.readout = {self.readout}; make "
                "the first two equal with rnn.readout=top, or use rnn.tied=false"
            )

    @property
    def readout_size(self) -> int:
        """How many hidden units the readout reads."""
        return self.num_hiddens * (self.num_layers if self.readout == "all" else 1)

    @property
    def n_weights(self) -> int:
        """How many numbers a network of it learns."""
        inputs, gates = self.embedding_size or self.vocab_size, GATES[self.cell]
        biases = 1 if self.cell == "scratch" else 2
        first = inputs + self.num_hiddens + biases
        rest = (self.num_layers - 1) * (2 * self.num_hiddens + biases)
        readout = self.vocab_size * (1 + (0 if self.tied else self.readout_size))
        return gates * self.num_hiddens * (first + rest) + readout + self.vocab_size * self.embedding_size

    def _check_scratch(self) -> None:
        for name, value, allowed in (("num_layers", self.num_layers, 1), ("embedding_size", self.embedding_size, 0)):
            if value != allowed:
                raise StepaheadError(
                    f"rnn.{name} = {value}, but scratch has one layer over one-hot tokens; take it out of models.rnn"
                )
