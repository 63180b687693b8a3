"""Names of muscles as they are written in notes, to be offered while one types; any other name counts too."""

from typing import Final

MUSCLES: Final = (
    "abductor pollicis brevis", "adductor brevis", "adductor longus", "adductor magnus", "biceps brachii",
    "biceps femoris", "brachialis", "brachioradialis", "deltoid", "erector spinae", "extensor carpi radialis",
    "extensor carpi ulnaris", "extensor digitorum", "extensor hallucis longus", "external oblique",
    "flexor carpi radialis", "flexor carpi ulnaris", "flexor digitorum longus", "flexor digitorum profundus",
    "flexor digitorum superficialis", "flexor pollicis longus", "frontalis", "gastrocnemius",
    "gluteus maximus", "gluteus medius", "gluteus minimus", "gracilis", "iliacus", "iliocostalis lumborum",
    "infraspinatus", "internal oblique", "latissimus dorsi", "levator scapulae", "longissimus capitis",
    "longissimus thoracis", "masseter", "multifidus", "obturator internus", "occipitalis", "pectoralis major",
    "pectoralis minor", "peroneus brevis", "peroneus longus", "piriformis", "pronator teres", "psoas major",
    "quadratus femoris", "quadratus lumborum", "rectus abdominis", "rectus femoris", "rhomboid major",
    "rhomboid minor", "sartorius", "scalenus anterior", "scalenus medius", "scalenus posterior",
    "semimembranosus", "semispinalis capitis", "semitendinosus", "serratus anterior", "soleus",
    "splenius capitis", "splenius cervicis", "sternocleidomastoid", "subscapularis", "supinator",
    "supraspinatus", "temporalis", "tensor fasciae latae", "teres major", "teres minor", "tibialis anterior",
    "tibialis posterior", "trapezius", "triceps brachii", "vastus lateralis", "vastus medialis",
)  # fmt: skip
