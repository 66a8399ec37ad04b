import { type Resource, groupVersion, resources } from './resources.js';

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** What the paths that describe the API itself are answered with; undefined for all others. */
export function discover(path: string, address: string): object | undefined {
	switch (path) {
		case '/version':
			return serverVersion;
		case '/api':
			return {
				kind: 'APIVersions',
				versions: ['v1'],
				serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: address }],
			};
		case '/apis':
			return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(describeGroup) };
		case '/api/v1':
			return { kind: 'APIResourceList', groupVersion: 'v1', resources: describe('', 'v1') };
		default:
			break;
	}
	const [, group = '', version = ''] = /^\/apis\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
	if (group === 'authorization.k8s.io' && version === 'v1') {
		return listOf(`${group}/${version}`, [review]);
	}
	const found = describe(group, version);
	return group === '' || found.length === 0 ? undefined : listOf(`${group}/${version}`, found);
}

const serverVersion = {
	major: '1',
	minor: '33',
	emulationMajor: '1',
	emulationMinor: '33',
	minCompatibilityMajor: '1',
	minCompatibilityMinor: '32',
	gitVersion: 'v1.33.13',
	gitCommit: '0000000000000000000000000000000000000000',
	gitTreeState: 'clean',
	buildDate: '2026-08-20T00:00:00Z',
	goVersion: 'go1.24.4',
	compiler: 'gc',
	platform: 'linux/amd64',
};

const groups = ['apps', 'authorization.k8s.io', 'networking.k8s.io'];

const review = {
	name: 'selfsubjectaccessreviews',
	singularName: 'selfsubjectaccessreview',
	namespaced: false,
	kind: 'SelfSubjectAccessReview',
	verbs: ['create'],
};

function describeGroup(name: string): object {
	const preferredVersion = { groupVersion: `${name}/v1`, version: 'v1' };
	return { name, versions: [preferredVersion], preferredVersion };
}

function listOf(group: string, found: readonly object[]): object {
	return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: group, resources: found };
}

function describe(group: string, version: string): object[] {
	return resources
		.filter((resource) => resource.group === group && resource.version === version)
		.flatMap((resource) => [describeResource(resource), ...describeSubresources(resource)]);
}

function describeResource(resource: Resource): object {
	const { plural, singular, namespaced, kind, shortNames } = resource;
	return {
		name: plural,
		singularName: singular,
		namespaced,
		kind,
		verbs: plural === 'namespaces' ? verbs.filter((verb) => verb !== 'deletecollection') : verbs,
		...(shortNames.length === 0 ? {} : { shortNames }),
		...(['pods', 'statefulsets', 'services', 'deployments', 'replicasets'].includes(plural)
			? { categories: ['all'] }
			: {}),
		storageVersionHash: Buffer.from(`${groupVersion(resource)}/${plural}`)
			.toString('base64')
			.slice(0, 11)
			.concat('='),
	};
}

function describeSubresources({ plural, namespaced, subresources }: Resource): object[] {
	return Object.entries(subresources).map(([name, { kind, group, version, verbs }]) => ({
		name: `${plural}/${name}`,
		singularName: '',
		namespaced,
		...(group === undefined ? {} : { group, version }),
		kind,
		verbs,
	}));
}
