/** tfjs-core with every gradient registered: the one place where it is imported. Core first: the engine must be its own. */
import "@tensorflow/tfjs-core";
import "../vendor/tfjs-gradients.mjs";
import "./gradients";

export * from "@tensorflow/tfjs-core";
