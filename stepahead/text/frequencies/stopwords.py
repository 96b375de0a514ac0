"""English stopwords: the words that are frequent in every text and tell little of what it is about."""

_WORDS = (
    # articles, demonstratives and quantifiers
    "a an the this that these those all any both each every few many more most much no none some such "
    # pronouns
    "i me my mine we us our ours you your yours he him his she her hers it its they them their theirs myself himself "
    "herself itself themselves who whom whose which what one "
    # prepositions
    "about above across after against along among around at before behind below beneath beside between beyond by down "
    "during for from in into of off on onto out over past since through till to toward towards under until up upon "
    "with within without "
    # conjunctions and adverbs of place, time and degree
    "and as because but either if neither nor or so than though unless when where whether while again also even here "
    "how just not now once only still then there too very why yet "
    # auxiliary verbs
    "am are be been being is was were can could did do does done had has have having may might must shall should will "
    "would"
)
STOPWORDS = frozenset(_WORDS.split())
