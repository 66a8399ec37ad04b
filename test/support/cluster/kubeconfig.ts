import type { Certificate } from './certificates.js';

/** What a kubeconfig says beside the address. */
export interface KubeconfigOptions {
	/** `developer` where it is missing. */
	readonly user?: string;
	/** `token` where it is missing. */
	readonly by?: 'token' | 'certificate' | 'nothing';
	/** `agents` where it is missing. */
	readonly namespace?: string;
	/** `double` where it is missing. */
	readonly context?: string;
	/** Another authority than the cluster's own. */
	readonly caCertificate?: string;
}

/** The text of a kubeconfig, in JSON, which is YAML as well. */
export function kubeconfigText(
	url: string,
	caCertificate: string,
	credentials: { token: string } | Certificate | null,
	{ namespace = 'agents', context = 'double', user = 'developer' }: KubeconfigOptions,
): string {
	const base64 = (text: string): string => Buffer.from(text).toString('base64');
	const known =
		credentials === null
			? {}
			: 'token' in credentials
				? credentials
				: {
						'client-certificate-data': base64(credentials.certificate),
						'client-key-data': base64(credentials.key),
					};
	const config = {
		apiVersion: 'v1',
		kind: 'Config',
		'current-context': context,
		clusters: [{ name: context, cluster: { server: url, 'certificate-authority-data': base64(caCertificate) } }],
		contexts: [{ name: context, context: { cluster: context, user, namespace } }],
		users: [{ name: user, user: known }],
	};
	return `${JSON.stringify(config, null, 2)}\n`;
}
