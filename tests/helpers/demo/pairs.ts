/** One row as PandaLM's test set has it; 0 = equal, 1 = first better, 2 = second better. */
export interface DemoRow {
  readonly idx: number;
  readonly cmp_key: string;
  readonly instruction: string;
  readonly input: string;
  readonly response1: string;
  readonly response2: string;
  readonly annotator1: number;
  readonly annotator2: number;
  readonly annotator3: number;
}

const gifts = [
  "knife",
  "kite",
  "clay pot",
  "brass bell",
  "scarf",
  "tin whistle",
  "straw hat",
  "drum",
  "lamp",
  "top",
  "map",
];
const people = ["Ada", "Bo", "Chen", "Dara", "Emil", "Fatima", "Goran", "Hana", "Ines", "Jun", "Kofi", "Lena"];
const places = ["by the river", "in the old mill", "behind the school", "on the hill"];

/** Two ways to go on with a story: one that goes somewhere, one that repeats itself. */
function story(index: number): DemoRow {
  const who = people[index % people.length] as string;
  const gift = `a ${gifts[index % gifts.length]}`;
  const place = places[index % places.length] as string;
  const good = `${who} looked at ${gift} for a long time. Then ${who} smiled, said thank you, and ran ${place} to show it to a friend. They played until the sun went down.`;
  const poor = `${who} had ${gift}. It was ${gift}. ${who} had it and had it. It was very very nice and it was nice.`;
  const goodFirst = index % 3 !== 0;
  const better = goodFirst ? 1 : 2;
  return {
    idx: index,
    cmp_key: goodFirst ? "model-b_model-a" : "model-a_model-b",
    instruction: `Go on with the story in two or three sentences.`,
    input: `One morning ${who} got ${gift} from an uncle who lived ${place}.`,
    response1: goodFirst ? good : poor,
    response2: goodFirst ? poor : good,
    annotator1: better,
    annotator2: index % 7 === 0 ? 0 : better,
    annotator3: index % 11 === 0 ? 3 - better : better,
  };
}

/** A file with people's labels, enough to train on. */
export const labelledFile = (): string => JSON.stringify(Array.from({ length: 132 }, (_, index) => story(index)));

const fence = "```";

/** Pairs to judge: short and long, code, a table, a list, Chinese, several turns. */
const openPairs: readonly Record<string, unknown>[] = [
  {
    prompt: "How do I remove duplicates from a list in Python and keep the order?",
    response_1: `Use a dictionary. Since Python 3.7 it keeps the order in which keys were put in:\n\n${fence}python\ndef unique(items):\n    return list(dict.fromkeys(items))\n\nprint(unique([3, 1, 3, 2, 1]))  # [3, 1, 2]\n${fence}\n\nIt takes time proportional to the length of the list. The entries must be hashable; for lists or dictionaries compare by a key of your own.`,
    response_2: `You can use a set:\n\n${fence}python\nlist(set(items))\n${fence}\n\nThis removes all duplicates. If you need the order, sort the list afterwards:\n\n${fence}python\nsorted(set(items), key=items.index)\n${fence}`,
  },
  {
    prompt: "用三句话解释什么是光合作用，读者是小学生。",
    response_1:
      "植物的叶子像一座小小的厨房。它用阳光做火，把水和空气里的二氧化碳做成自己的食物——糖。做饭的时候，它还会放出我们呼吸需要的氧气。",
    response_2:
      "光合作用是绿色植物利用光能，将二氧化碳和水转化为有机物并释放氧气的过程，其总反应式为 6CO₂ + 6H₂O → C₆H₁₂O₆ + 6O₂。该过程分为光反应与暗反应两个阶段。光反应发生在类囊体膜上，暗反应发生在叶绿体基质中。",
  },
  {
    prompt: "Compare a heat pump and a gas boiler for a small house. Use a table.",
    response_1:
      "| | Heat pump | Gas boiler |\n|---|---|---|\n| Heat per unit of energy bought | about 3 to 4 | about 0.9 |\n| Price to install | high | low to medium |\n| Carbon dioxide at home | none | yes |\n| Noise outside | a low hum | none |\n| Works best with | large radiators, good insulation | any radiators |\n\nIn a well insulated house the heat pump is usually cheaper to run; in a draughty one insulate first.",
    response_2:
      "A heat pump moves heat from outside to inside and a gas boiler burns gas. The heat pump is more efficient but costs more at first. The boiler is cheaper to buy. Both heat water for radiators. Which is better depends on your house, on the prices of electricity and gas where you live, and on how long you plan to stay.\n\n1. Look at the insulation.\n2. Ask for two offers.\n3. Reckon with fifteen years.",
  },
  {
    prompt: [
      { role: "user", content: "My train leaves at 14:10 and the walk to the station takes 25 minutes." },
      { role: "assistant", content: "Then leave by 13:40 to be there five minutes early." },
      { role: "user", content: "I also have to buy bread on the way. The bakery takes ten minutes." },
    ],
    response_1: [
      { role: "assistant", content: "Leave by 13:30: ten minutes for the bread, 25 to walk, five to spare." },
    ],
    response_2: [
      {
        role: "assistant",
        content:
          "That is a good plan. Bakeries are often busy around lunch, so consider that the queue may be longer than you think, and that the station may be crowded as well. In general it is wise to leave some time to spare whenever you travel by train.",
      },
    ],
  },
  {
    prompt:
      "Summarise the paragraph in one sentence.\n\nThe harbour was dredged for the third time in a decade last spring, at a cost that the town council had not foreseen when it approved the new breakwater. The breakwater, built to shelter the fishing boats from the winter storms, has turned out to slow the current along the quay, so that the silt which the river brings down each year now settles where the boats are moored instead of being carried out to sea.",
    response_1:
      "The new breakwater shelters the boats but lets silt settle in the harbour, which must be dredged at great cost.",
    response_2: "The harbour was dredged last spring for the third time in ten years.",
  },
  {
    prompt: "Write a polite message that moves our meeting from Tuesday to Thursday.",
    response_1:
      "Dear Ms Okafor,\n\nI am sorry to ask, but could we move our meeting from Tuesday to Thursday, at the same time? A delivery has been put on Tuesday that I must be there for. If Thursday does not suit you, please name a time that does.\n\nKind regards,\nTomas",
    response_2: "Hi, Tuesday does not work any more. Thursday then. Thanks.",
  },
  {
    prompt:
      "请把下面的句子改写得更简洁：由于天气的原因，我们不得不做出把原定于本周六举行的运动会推迟到下周六举行的决定。",
    response_1: "因天气原因，本周六的运动会推迟到下周六。",
    response_2: "由于天气原因，我们决定把原定本周六举行的运动会推迟到下周六举行。",
  },
  {
    prompt: "Explain to a new gardener when and how to prune apple trees.",
    response_1: longAnswer(),
    response_2:
      "Prune apple trees in late winter, while they are dormant.\n\n- Take out dead, diseased and crossing branches first.\n- Cut just above a bud that points outwards.\n- Leave a shape like an open bowl, so that light reaches the middle.\n- Take away no more than a quarter in one year.",
  },
  ...Array.from({ length: 24 }, (_, index) => {
    const metres = (index + 3) * 7;
    return {
      prompt: `A rope of ${metres} m is cut into seven equal pieces. How long is each piece?`,
      response_1: `${metres} ÷ 7 = ${metres / 7}, so each piece is ${metres / 7} m long.`,
      response_2: `Each piece is about ${Math.round(metres / 6)} m long.`,
    };
  }),
];

function longAnswer(): string {
  const steps = [
    "**When.** Late winter, after the hardest frosts and before the buds swell, is best for trees that bear on old wood. In summer you may take out water shoots, which calms a tree that grows too strongly.",
    "**Tools.** Use sharp secateurs for twigs as thick as a finger, loppers for what is thicker, and a pruning saw for branches. Wipe the blades with alcohol between trees, so that you carry no canker from one to the next.",
    "**What first.** Begin with what is dead, what is diseased and what rubs against something else. Step back after each cut and look at the whole tree: most mistakes are made from too near.",
    "**Where to cut.** Cut just above a bud that points away from the middle, at a slant, so that rain runs off. Leave the collar of a branch where it meets the trunk; the tree closes the wound from there.",
    "**How much.** No more than a quarter of the crown in one year. A tree that has been left alone for long is brought back over three winters, not in one.",
    "**Shape.** An open bowl of four or five main branches lets light and air into the middle, which keeps the leaves dry and the fruit red. A hat should fly through it, as old gardeners say.",
    "**Afterwards.** Clear away the cuttings, since they carry spores. Give compost, and keep the grass short around the trunk, so that the roots have the water to themselves.",
  ];
  return steps.map((step, index) => `${index + 1}. ${step}`).join("\n\n");
}

/** A file without labels whose eleventh and last row are of no use. */
export function openFile(): string {
  const rows: unknown[] = [...openPairs];
  rows.splice(10, 0, { prompt: "Name three rivers of Africa.", response_1: "The Nile, the Congo and the Niger." });
  return [...rows.map((row) => JSON.stringify(row)), '{"prompt": "Half a row'].join("\n");
}
