import type { Element, ElementContent, Root, RootContent, Text } from "hast";

/** Blocks that choose their own direction; what is inside them follows. */
const blocks = new Set(["p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote"]);

const isPicture = (node: ElementContent): node is Element => node.type === "element" && node.tagName === "img";
const altOf = ({ properties }: Element): Text => ({ type: "text", value: String(properties.alt || properties.src) });

function settle(node: RootContent, within: boolean): void {
  if (node.type !== "element") return;
  const { tagName, properties } = node;
  // An id out of data could take the place of one of the page's own.
  delete properties.id;
  delete properties.ariaDescribedBy;
  if (tagName === "pre" || tagName === "code") properties.dir = "ltr";
  const chooses = !within && blocks.has(tagName);
  if (chooses) properties.dir = "auto";
  // A picture that is a link's text stays text: a link within a link cannot be pressed.
  if (tagName === "a") node.children = node.children.map((child) => (isPicture(child) ? altOf(child) : child));
  for (const child of node.children) settle(child, within || chooses);
}

/** Rehype plugin: each block reads from the side its own text asks for (Arabic, Hebrew), code always from the left. */
export const settleTree = () => (tree: Root) => {
  for (const node of tree.children) settle(node, false);
};
