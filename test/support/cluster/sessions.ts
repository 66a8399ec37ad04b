import type { Container, Pod, StatefulSet, Volume } from './objects.js';

/** A session in the form that paude has for it. */
export interface SessionOptions {
	/** `agents` where it is missing; the same for those below. */
	readonly namespace?: string;
	readonly name: string;
	/** 0.20.0a5 */
	readonly paudeVersion?: string;
	/** claude */
	readonly agent?: string;
	/** The folder at home that the session was made from: /home/dev/project */
	readonly workspace?: string;
	/** claim */
	readonly storage?: 'claim' | 'emptyDir';
	/** A repository to be copied to /pvc/workspace. */
	readonly repo?: string;
	/** 1 */
	readonly replicas?: number;
	/** 1000680000, as in OpenShift; 0 is root. */
	readonly uid?: number;
	/** /pvc; null for a container without HOME. */
	readonly home?: string | null;
	readonly readOnlyRoot?: boolean;
	/** Variables of the container `paude`. */
	readonly env?: Readonly<Record<string, string>>;
	/** What the container runs; by default it waits for its end. */
	readonly command?: readonly string[];
	/** local/dev:1; one with `nosuch` in its name never arrives. */
	readonly image?: string;
	/** Containers beside `paude`, by name. */
	readonly beside?: readonly string[];
	readonly labels?: Readonly<Record<string, string>>;
	readonly annotations?: Readonly<Record<string, string>>;
}

/** A pod of the oldest versions, which had no StatefulSet. */
export interface LegacyOptions {
	readonly namespace?: string;
	/** What its name ends in. */
	readonly id: string;
	/** A repository to be copied to /workspace. */
	readonly repo?: string;
	readonly uid?: number;
}

/** A pod with a bare clone of data, as a deployment makes it. */
export interface DataOptions {
	/** data */
	readonly namespace?: string;
	/** codeforphilly */
	readonly name?: string;
	/** A repository to be cloned to /app/data. */
	readonly repo?: string;
	/** published */
	readonly branch?: string;
	/** 1000 */
	readonly uid?: number;
}

const image = 'local/dev:1';
const forever = "trap 'exit 0' TERM; while :; do sleep 3600 & wait; done";

function securityContext(uid: number): object {
	return { runAsUser: uid, runAsGroup: 0, ...(uid === 0 ? {} : { runAsNonRoot: true }), fsGroup: uid };
}

function container(name: string, command: readonly string[], env: Readonly<Record<string, string>>): Container {
	const variables = Object.entries(env).map(([variable, value]) => ({ name: variable, value }));
	return { name, image, imagePullPolicy: 'Never', command: [...command], env: variables };
}

/** The StatefulSet of a session, as it is sent to the cluster. */
export function sessionManifest(options: SessionOptions): Pick<StatefulSet, 'metadata' | 'spec'> {
	const { name, uid = 1_000_680_000, home = '/pvc', storage = 'claim' } = options;
	const labels = { app: 'paude', 'paude.io/session-name': name };
	const volumeMounts = [{ name: 'workspace', mountPath: '/pvc' }];
	const command = options.command ?? ['/bin/bash', '-c', `mkdir -p /pvc/workspace; ${forever}`];
	const env = { HOME: home ?? '', PAUDE_HEADLESS: '1', PAUDE_WORKSPACE: '/pvc/workspace', ...options.env };
	const paude: Container = {
		...container('paude', command, env),
		image: options.image ?? image,
		volumeMounts,
		...(options.readOnlyRoot === true ? { securityContext: { readOnlyRootFilesystem: true } } : {}),
	};
	const beside = (options.beside ?? []).map((other) => container(other, ['/bin/bash', '-c', forever], {}));
	const volumes: Volume[] = [{ name: 'workspace', emptyDir: {} }];
	const claim = {
		metadata: { name: 'workspace' },
		spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Gi' } } },
	};
	return {
		metadata: {
			name: `paude-${name}`,
			labels: {
				...labels,
				'paude.io/agent': options.agent ?? 'claude',
				'paude.io/version': options.paudeVersion ?? '0.20.0a5',
				...options.labels,
			},
			annotations: {
				'paude.io/created-at': '2026-07-20T10:00:00+00:00',
				'paude.io/workspace': Buffer.from(options.workspace ?? '/home/dev/project').toString('base64'),
				...options.annotations,
			},
		} as unknown as StatefulSet['metadata'],
		spec: {
			replicas: 1,
			selector: { matchLabels: labels },
			serviceName: `paude-${name}`,
			template: {
				metadata: { labels },
				spec: {
					automountServiceAccountToken: false,
					enableServiceLinks: false,
					containers: [paude, ...beside],
					securityContext: securityContext(uid),
					terminationGracePeriodSeconds: 2,
					...(storage === 'emptyDir' ? { volumes } : {}),
				},
			},
			...(storage === 'claim' ? { volumeClaimTemplates: [claim] } : {}),
		},
	};
}

/** The pod of a session of the oldest versions. */
export function legacyManifest({ id, uid = 1_000_680_002 }: LegacyOptions): Pick<Pod, 'metadata' | 'spec'> {
	return {
		metadata: {
			name: `paude-session-${id}`,
			labels: { app: 'paude', 'session-id': id },
		} as unknown as Pod['metadata'],
		spec: {
			containers: [
				{
					...container('paude', ['/bin/bash', '-c', forever], { HOME: '/workspace' }),
					volumeMounts: [{ name: 'workspace', mountPath: '/workspace' }],
				},
			],
			securityContext: securityContext(uid),
			terminationGracePeriodSeconds: 2,
			volumes: [{ name: 'workspace', emptyDir: {} }],
		},
	};
}

/** What a deployment of the data's service makes. */
export function dataManifest(options: DataOptions): Pick<StatefulSet, 'metadata'> & { spec: object } {
	const { name = 'codeforphilly', branch = 'published', uid = 1000 } = options;
	const hash = '679bb74b85';
	const labels = { 'app.kubernetes.io/name': name, 'pod-template-hash': hash };
	const env = { HOME: '/tmp', CFP_DATA_REPO_PATH: '/app/data', CFP_DATA_BRANCH: branch };
	return {
		metadata: { name: `${name}-${hash}`, labels } as unknown as StatefulSet['metadata'],
		spec: {
			replicas: 1,
			selector: { matchLabels: labels },
			template: {
				metadata: { labels },
				spec: {
					containers: [
						{
							...container(name, ['/bin/bash', '-c', forever], env),
							volumeMounts: [
								{ name: 'data', mountPath: '/app/data' },
								{ name: 'tmp', mountPath: '/tmp' },
							],
						},
					],
					securityContext: { runAsUser: uid, runAsGroup: uid, runAsNonRoot: true, fsGroup: uid },
					terminationGracePeriodSeconds: 2,
					volumes: [
						{ name: 'data', emptyDir: {} },
						{ name: 'tmp', emptyDir: {} },
					],
				},
			},
		},
	};
}
