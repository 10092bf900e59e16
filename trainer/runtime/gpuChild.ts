import * as ort from "onnxruntime-node";
import type { GpuAnswers, GpuRequest, Placed } from "./gpuMessages";
import { encodeModel } from "./onnx";
import { type DType, type HostArray, sameTypeData } from "./tree";

// The process that owns the GPU: drivers crash, and what they take with them must not be the training loop.

const sessions = new Map<number, ort.InferenceSession>();
const resident = new Map<number, ort.Tensor>();
const copiers = new Map<string, ort.InferenceSession>();
let handles = 0;

const open = (model: Uint8Array, locations: Record<string, "gpu-buffer">): Promise<ort.InferenceSession> =>
  ort.InferenceSession.create(model, {
    executionProviders: ["webgpu"],
    preferredOutputLocation: locations,
    enableMemPattern: false,
  });

const toOrt = (placed: Placed): ort.Tensor => {
  if ("data" in placed) return new ort.Tensor(placed.dtype, placed.data as never, placed.shape as number[]);
  const tensor = resident.get(placed.handle);
  if (!tensor) throw new Error(`array ${placed.handle} is no longer in the GPU's memory`);
  return tensor;
};

function toPlaced(tensor: ort.Tensor): Placed {
  const [dtype, shape] = [tensor.type as DType, tensor.dims];
  if (tensor.location === "cpu") return { dtype, shape, data: sameTypeData(tensor.data) };
  handles += 1;
  resident.set(handles, tensor);
  return { handle: handles, dtype, shape };
}

function free(which: readonly number[]): void {
  for (const handle of which) {
    resident.get(handle)?.dispose();
    resident.delete(handle);
  }
}

/** The tensor on the CPU or on the GPU, by way of a small session: asking one on the GPU itself for its data ends the process. */
async function copied(tensor: ort.Tensor, to: "cpu" | "gpu-buffer"): Promise<ort.Tensor> {
  const [dtype, shape] = [tensor.type as DType, tensor.dims];
  const key = `${to}|${dtype}|${shape.join()}`;
  const x = { name: "x", dtype, shape };
  const y = { name: "y", dtype, shape };
  const copy = { op: "Identity", inputs: ["x"], outputs: ["y"], attributes: {}, domain: "" };
  const model = () => encodeModel({ nodes: [copy], constants: [], inputs: [x], outputs: [y] });
  const copier = copiers.get(key) ?? (await open(model(), to === "cpu" ? {} : { y: to }));
  copiers.set(key, copier);
  const { y: out } = await copier.run({ x: tensor });
  return out as ort.Tensor;
}

async function read(handle: number): Promise<HostArray> {
  const { type, dims, data } = await copied(toOrt({ handle, dtype: "float32", shape: [] }), "cpu");
  return { dtype: type as DType, shape: dims, data: sameTypeData(data) };
}

async function perform(request: GpuRequest): Promise<GpuAnswers[keyof GpuAnswers]> {
  switch (request.kind) {
    case "create": {
      const locations = Object.fromEntries(request.resident.map((name) => [name, "gpu-buffer" as const]));
      sessions.set(request.session, await open(request.model, locations));
      return null;
    }
    case "run": {
      const feeds = Object.fromEntries(Object.entries(request.feeds).map(([name, array]) => [name, toOrt(array)]));
      const results = await (sessions.get(request.session) as ort.InferenceSession).run(feeds);
      free(request.free);
      return Object.fromEntries(
        Object.entries(results).map(([name, tensor]) => [name, toPlaced(tensor as ort.Tensor)]),
      );
    }
    case "read":
      return read(request.handle);
    case "place":
      return toPlaced(await copied(toOrt(request.array), "gpu-buffer"));
    case "free":
      free(request.handles);
      return null;
    case "release":
      await sessions.get(request.session)?.release();
      sessions.delete(request.session);
      return null;
  }
}

// One request at a time, in order.
let last = Promise.resolve();
process.on("message", (message: GpuRequest & { id: number }) => {
  last = last.then(async () => {
    try {
      process.send?.({ id: message.id, value: await perform(message) });
    } catch (error) {
      process.send?.({ id: message.id, error: error instanceof Error ? error.message : String(error) });
    }
  });
});
process.on("disconnect", () => process.exit());
