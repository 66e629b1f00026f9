#!/usr/bin/env python3
"""Writes the data sets of datasets/ that are ours: story.txt, pen_digits_TRAIN.ts and pen_digits_TEST.ts.

    scripts/make_datasets.py [FOLDER]      default: datasets/

The same bytes on every machine: the only source of chance is random.random(), whose sequence for a seed Python
guarantees. It also prints what the best possible model of the story scores, in bits per character.
"""
import math
import pathlib
import random
import sys

# ---- story.txt -------------------------------------------------------------------------------------------------
# A story of independent paragraphs about one person or a pair each. Who it is about decides words that come much
# later: the verb (sings, sing), the pronoun (She, He, They) and the possessive (her, his, their). No two choices
# give the same text, so the bits of the choices are the bits of the text: its entropy is known.

FEMALE = ["Anna", "Mina", "Clara", "Greta", "Ida", "Lena"]
MALE = ["Otto", "Felix", "Hugo", "Jonas", "Emil", "Karl"]
VERBS = [("carries", "carry"), ("washes", "wash"), ("counts", "count"), ("hides", "hide"), ("paints", "paint"),
         ("sells", "sell"), ("mends", "mend"), ("forgets", "forget")]
ADJECTIVES = ["old", "blue", "heavy", "small", "golden", "broken", "warm", "quiet"]
NOUNS = ["basket", "lantern", "coat", "clock", "boat", "letter", "ladder", "kettle", "violin", "map"]
PLACES = ["by the river", "in the kitchen", "on the hill", "near the mill", "under the bridge", "behind the church"]
TIMES = ["in the morning", "at noon", "every evening", "after the rain", "before the frost"]
FEELINGS = ["tired", "happy", "late", "alone", "hungry", "proud"]
SAYINGS = ["the road is long", "it will snow again", "nobody is at home", "the bread is ready", "we have time"]


class Writer:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.bits = 0.0

    def choose(self, options):
        self.bits += math.log2(len(options))
        return options[int(self.random.random() * len(options))]

    def chance(self, probability):
        happens = self.random.random() < probability
        self.bits -= math.log2(probability if happens else 1.0 - probability)
        return happens

    def someone(self):
        kind = self.choose(["she", "he", "they"])
        if kind == "they":
            first = self.choose(FEMALE)
            return f"{first} and {self.choose(MALE)}", "They", "their", 1
        if kind == "she":
            return self.choose(FEMALE), "She", "her", 0
        return self.choose(MALE), "He", "his", 0

    def thing(self, whose):
        adjective = self.choose(ADJECTIVES) + " " if self.chance(0.5) else ""
        return f"{whose} {adjective}{self.choose(NOUNS)}"

    def sentence(self, subject, whose, number):
        text = subject
        if self.chance(0.3):
            text += f", who {('lives', 'live')[number]} {self.choose(PLACES)},"
        if self.chance(0.25):
            return text + f" {('is', 'are')[number]} {self.choose(FEELINGS)} {self.choose(TIMES)}."
        text += f" {self.choose(VERBS)[number]} {self.thing(whose)}"
        if self.chance(0.5):
            text += " " + self.choose(PLACES)
        if self.chance(0.3):
            text += f" and {self.choose(VERBS)[number]} {self.thing(whose)}"
        return text + "."

    def paragraph(self):
        name, pronoun, whose, number = self.someone()
        text = self.sentence(name, whose, number)
        while self.chance(0.75):
            if self.chance(0.2):
                text += f' "{self.choose(SAYINGS).capitalize()}," {pronoun.lower()} {("says", "say")[number]}.'
            else:
                text += " " + self.sentence(pronoun, whose, number)
        return text + "\n"


def story(characters):
    writer = Writer(20240229)
    text = ""
    while len(text) < characters:
        text += writer.paragraph()
    return text, writer.bits / len(text)


# ---- pen_digits ------------------------------------------------------------------------------------------------
# Ten digits drawn with a pen in one stroke. A sequence is the movement of the pen from step to step (two inputs).
# Each writer slants, turns and stretches the digit, is faster or slower (so lengths differ), and trembles.

STROKES = {
    0: [(.5, 1), (.15, .8), (.05, .5), (.15, .2), (.5, 0), (.85, .2), (.95, .5), (.85, .8), (.5, 1)],
    1: [(.2, .7), (.55, 1), (.55, 0)],
    2: [(.1, .75), (.3, 1), (.7, 1), (.85, .75), (.6, .45), (.1, 0), (.9, 0)],
    3: [(.1, .9), (.5, 1), (.85, .8), (.45, .52), (.9, .25), (.5, 0), (.1, .1)],
    4: [(.7, 0), (.7, 1), (.1, .35), (.95, .35)],
    5: [(.85, 1), (.2, 1), (.15, .55), (.6, .6), (.9, .3), (.55, 0), (.1, .1)],
    6: [(.75, 1), (.3, .7), (.1, .3), (.4, 0), (.85, .2), (.65, .5), (.15, .3)],
    7: [(.1, 1), (.9, 1), (.4, 0)],
    8: [(.5, .5), (.15, .75), (.5, 1), (.85, .75), (.5, .5), (.1, .25), (.5, 0), (.9, .25), (.5, .5)],
    9: [(.85, .7), (.5, .5), (.15, .75), (.5, 1), (.85, .7), (.75, .3), (.5, 0)],
}


def normal(rng):
    return math.sqrt(-2.0 * math.log(1.0 - rng.random())) * math.cos(2.0 * math.pi * rng.random())


def drawn(digit, rng):
    angle, slant = 0.15 * normal(rng), 0.2 * normal(rng)
    width, height = 1.0 + 0.15 * normal(rng), 1.0 + 0.15 * normal(rng)
    points = []
    for x, y in STROKES[digit]:
        x, y = x + 0.05 * normal(rng), y + 0.05 * normal(rng)
        x, y = width * (x - 0.5) + slant * (y - 0.5), height * (y - 0.5)
        points.append((x * math.cos(angle) - y * math.sin(angle), x * math.sin(angle) + y * math.cos(angle)))
    lengths = [math.dist(a, b) for a, b in zip(points, points[1:])]
    total = sum(lengths)
    steps = max(8, round(total * (9.0 + 3.0 * rng.random()) * 0.8))
    path = []
    for i in range(steps + 1):
        left = total * i / steps
        k = 0
        while k + 1 < len(lengths) and left > lengths[k]:
            left -= lengths[k]
            k += 1
        f = min(1.0, left / lengths[k])
        path.append(tuple(p + f * (q - p) + 0.012 * normal(rng) for p, q in zip(points[k], points[k + 1])))
    return [(q[0] - p[0], q[1] - p[1]) for p, q in zip(path, path[1:])]


def pen_digits(seed, of_each):
    rng = random.Random(seed)
    lines = ["# Ten digits drawn with a pen: the movement of the pen from step to step.",
             "# Made by scripts/make_datasets.py; CC0-1.0.",
             "@problemName PenDigits", "@timeStamps false", "@missing false", "@univariate false", "@dimensions 2",
             "@equalLength false", "@classLabel true " + " ".join(str(d) for d in range(10)), "@data"]
    for _ in range(of_each):
        for digit in range(10):
            moves = drawn(digit, rng)
            columns = [",".join(f"{move[axis]:.3f}" for move in moves) for axis in (0, 1)]
            lines.append(":".join(columns + [str(digit)]))
    return "\n".join(lines) + "\n"


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent / "datasets")
    text, bits = story(120_000)
    (folder / "story.txt").write_text(text, encoding="utf-8")
    (folder / "pen_digits_TRAIN.ts").write_text(pen_digits(1, 50), encoding="utf-8")
    (folder / "pen_digits_TEST.ts").write_text(pen_digits(2, 30), encoding="utf-8")
    print(f"story.txt: {len(text)} characters, {len(set(text))} different ones, {bits:.3f} bits per character")


if __name__ == "__main__":
    main()
