// Built by tools/buildVendor.mjs before anything runs; imported for its effect.
declare module "*/tfjs-gradients.mjs" {}
