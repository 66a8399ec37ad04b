import * as z from 'zod/mini';

/*
 * What is read of the API server's objects; a server may send anything, so every object is checked before use
 * (https://kubernetes.io/docs/reference/kubernetes-api/).
 */

const words = z.optional(z.nullable(z.record(z.string(), z.string())));
const text = z.optional(z.nullable(z.string()));

const metadata = z.looseObject({
	name: z.string(),
	namespace: z.string(),
	uid: z.string(),
	creationTimestamp: text,
	deletionTimestamp: text,
	labels: words,
	annotations: words,
});

const containerStatus = z.looseObject({
	name: z.string(),
	restartCount: z.optional(z.number()),
	state: z.optional(
		z.looseObject({
			running: z.optional(z.looseObject({})),
			waiting: z.optional(z.looseObject({ reason: text, message: text })),
			terminated: z.optional(z.looseObject({ reason: text, message: text, exitCode: z.optional(z.number()) })),
		}),
	),
});

const podSchema = z.looseObject({
	metadata,
	spec: z.looseObject({
		containers: z.array(
			z.looseObject({
				name: z.string(),
				volumeMounts: z.optional(z.array(z.looseObject({ name: z.string(), mountPath: z.string() }))),
			}),
		),
		volumes: z.optional(
			z.array(
				z.looseObject({
					name: z.string(),
					persistentVolumeClaim: z.optional(z.looseObject({ claimName: z.string() })),
					emptyDir: z.optional(z.looseObject({})),
					ephemeral: z.optional(z.looseObject({})),
					hostPath: z.optional(z.looseObject({ path: z.string() })),
				}),
			),
		),
	}),
	status: z.looseObject({
		phase: text,
		reason: text,
		message: text,
		containerStatuses: z.optional(z.array(containerStatus)),
	}),
});

const statefulSetSchema = z.looseObject({
	metadata,
	spec: z.looseObject({ replicas: z.optional(z.nullable(z.number())) }),
});

const claimSchema = z.looseObject({
	metadata,
	spec: z.looseObject({ storageClassName: text }),
});

export type Pod = z.infer<typeof podSchema>;
export type StatefulSet = z.infer<typeof statefulSetSchema>;
export type Claim = z.infer<typeof claimSchema>;

const listSchema = z.looseObject({
	metadata: z.looseObject({ resourceVersion: text, continue: text }),
	items: z.array(z.unknown()),
});

/** One page of a list. */
export interface Page {
	readonly items: readonly unknown[];
	/** The token for the next page, or null on the last. */
	readonly next: string | null;
	readonly resourceVersion: string | null;
}

/** A page of a list; null where the answer is none. */
export function readPage(answer: unknown): Page | null {
	const parsed = z.safeParse(listSchema, answer);
	if (!parsed.success) {
		return null;
	}
	const { metadata: about, items } = parsed.data;
	return { items, next: about.continue || null, resourceVersion: about.resourceVersion || null };
}

/** The object as a pod; null where it is none. */
export function readPod(item: unknown): Pod | null {
	return z.safeParse(podSchema, item).data ?? null;
}

/** The object as a StatefulSet; null where it is none. */
export function readStatefulSet(item: unknown): StatefulSet | null {
	return z.safeParse(statefulSetSchema, item).data ?? null;
}

/** The object as a claim of a volume; null where it is none. */
export function readClaim(item: unknown): Claim | null {
	return z.safeParse(claimSchema, item).data ?? null;
}
