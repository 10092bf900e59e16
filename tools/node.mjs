/** The oldest Node that works: 20.19 has require(esm) and everything Next 16 asks for. */
const oldest = [20, 19];

/** @param {string} version e.g. `process.versions.node` @returns {string | null} one line for a person, or null when it will do. */
export function nodeComplaint(version) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const ok = major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
  return ok
    ? null
    : `Tiebreak needs Node ${oldest.join(".")} or newer; this is Node ${version}. Install a newer one from nodejs.org.`;
}

/** Ends the process with that line. */
export function requireNode() {
  const complaint = nodeComplaint(process.versions.node);
  if (!complaint) return;
  console.error(complaint);
  process.exit(1);
}
