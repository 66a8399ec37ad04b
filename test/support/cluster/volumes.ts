import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, posix } from 'node:path';
import { type Mount, mappedId } from './container.js';
import type { Container, Pod } from './objects.js';

/** Where the volumes of pods lie on this machine. */
export interface Volumes {
	/** The folder of one pod's own things; it goes with the pod. */
	podFolder(pod: Pod): string;
	claimFolder(namespace: string, claim: string): string;
	/** What the container sees of volumes; the folders are made where there are none. */
	mounts(pod: Pod, container: Container): Mount[];
	/** Takes the pod's own things away. */
	removePod(pod: Pod): void;
	/** Empties the folder of a claim; who has it mounted sees it empty. */
	emptyClaim(namespace: string, claim: string): void;
}

export function createVolumes(folder: string): Volumes {
	const podFolder = ({ metadata }: Pod): string => join(folder, 'pods', metadata.uid);
	const claimFolder = (namespace: string, claim: string): string => join(folder, 'volumes', namespace, claim);
	return {
		podFolder,
		claimFolder,
		mounts: (pod, container) =>
			(container.volumeMounts ?? []).flatMap(({ name, mountPath, subPath = '', readOnly = false }) => {
				const volume = pod.spec.volumes?.find((one) => one.name === name);
				if (volume === undefined || volume.projected !== undefined) {
					return [];
				}
				const claim = volume.persistentVolumeClaim?.claimName;
				const source =
					claim === undefined
						? join(podFolder(pod), 'volumes', name)
						: claimFolder(pod.metadata.namespace ?? '', claim);
				makeVolume(source, pod.spec.securityContext?.fsGroup ?? 0);
				mkdirSync(join(source, subPath), { recursive: true });
				return [{ source: join(source, subPath), target: mountPath, readOnly }];
			}),
		removePod: (pod) => rmSync(podFolder(pod), { recursive: true, force: true, maxRetries: 5 }),
		emptyClaim: (namespace, claim) => {
			const place = claimFolder(namespace, claim);
			for (const name of existsSync(place) ? readdirSync(place) : []) {
				rmSync(join(place, name), { recursive: true, force: true, maxRetries: 5 });
			}
		},
	};
}

/** Where a path inside the container lies on this machine: in a volume, or in the container's own root. */
export function outerPath(path: string, mounts: readonly Mount[], root: string): string {
	const within = mounts
		.filter(({ target }) => path === target || path.startsWith(`${target}/`))
		.sort((a, b) => b.target.length - a.target.length)[0];
	return within === undefined ? join(root, path) : join(within.source, posix.relative(within.target, path));
}

function makeVolume(folder: string, group: number): void {
	if (!existsSync(folder)) {
		mkdirSync(folder, { recursive: true });
		chownSync(folder, 0, mappedId(group));
		chmodSync(folder, 0o2777);
	}
}
