import { segmentsOf } from '../http/route.ts';
import { referencesIn } from './references.ts';
import type { Subrequest } from './subrequest.ts';

/** One graph of a call: its nodes are subrequests. */
export interface Graph {
  readonly graphId: string;
  readonly nodes: readonly Subrequest[];
}

const limits = { graphs: 75, nodes: 500, depth: 15, differentNodes: 15 };

/**
 * Why these graphs are too much for one call, or undefined. The words for too many nodes are recorded from an
 * org; the others follow them.
 */
export function refuseGraphs(graphs: readonly Graph[]): string | undefined {
  const nodes = graphs.flatMap((graph) => graph.nodes);
  if (graphs.length > limits.graphs) return `Limit of ${limits.graphs} reached for number of Graphs`;
  if (nodes.length > limits.nodes) return `Limit of ${limits.nodes} reached for number of Nodes in the Graph`;
  const different = new Set(nodes.map(({ method, url }) => `${method} ${objectPathOf(url)}`));
  if (different.size > limits.differentNodes)
    return `Limit of ${limits.differentNodes} reached for number of different Nodes in the Graph`;
  if (graphs.some((graph) => depthOf(graph) > limits.depth))
    return `Limit of ${limits.depth} reached for depth of the Graph`;
  return undefined;
}

/** Version and object: nodes that agree in both and in the method are not different. */
const objectPathOf = (url: string): string => segmentsOf(url).slice(0, 5).join('/').toLowerCase();

/** The longest chain of nodes that refer to each other. */
function depthOf({ nodes }: Graph): number {
  const depths = new Map<string, number>();
  let deepest = 0;
  for (const { referenceId, url, body } of nodes) {
    let depth = 1;
    for (const parent of referencesIn(body ?? null, new Set(referencesIn(url))))
      depth = Math.max(depth, 1 + (depths.get(parent) ?? 0));
    depths.set(referenceId, depth);
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}
