/** Mistakes in Temporal's own client configuration, which Temporal's loader would pass over. */
import { describe, it } from 'node:test';
import { TEST_BUNDLE } from '../tools/bundles';
import { EXIT, burdock, complaintOf, group, says, useInputs, workerFlags } from './bad-input/command';

const inputs = useInputs();

function usage(variables: Record<string, string>, flags: Record<string, string> = {}): Promise<string> {
  return complaintOf(burdock(workerFlags({ bundle: TEST_BUNDLE, ...flags }), variables), EXIT.usage);
}

describe('the client configuration', group, () => {
  it('whose file is missing', async () => {
    const file = inputs.missing('nowhere.toml');
    says(await usage({ TEMPORAL_CONFIG_FILE: file }), 'TEMPORAL_CONFIG_FILE: ', file, 'name a readable text file');
  });

  it('with unknown keys', async () => {
    const file = inputs.write('keys.toml', '[profile.default]\nadress = "a:1"\n[profile.default.tls]\nsecure = true\n');
    const complaint = await usage({ TEMPORAL_CONFIG_FILE: file });
    says(complaint, `${file}:2: \`adress\` is not`, 'did you mean `address`?', `${file}:4: \`secure\` is not`);
  });

  it('with wrong TOML', async () => {
    const file = inputs.write('broken.toml', '[profile.default]\naddress = "a:1\n');
    says(await usage({ TEMPORAL_CONFIG_FILE: file }), `${file}:2: this is no TOML`, 'correct the line');
  });

  it('without the profile that is asked for', async () => {
    const file = inputs.write('profiles.toml', '[profile.default]\n[profile.cloud]\naddress = "a:1"\n');
    const complaint = await usage({ TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'clod' });
    says(complaint, 'TEMPORAL_PROFILE', 'no profile `clod`', 'did you mean `cloud`?');
  });

  it('with a switch that is neither on nor off', async () => {
    says(await usage({ TEMPORAL_TLS: 'yes' }), 'TEMPORAL_TLS: "yes" is neither', 'true, false, 1 or 0');
  });

  it('that switches the check of certificates off', async () => {
    const complaint = await usage({ TEMPORAL_TLS_DISABLE_HOST_VERIFICATION: 'true' });
    says(complaint, 'TEMPORAL_TLS_DISABLE_HOST_VERIFICATION: ', 'always verified', 'remove the setting', 'tls-ca-path');
  });

  it('with certificates that are not there', async () => {
    const file = inputs.missing('ca.pem');
    says(await usage({ TEMPORAL_TLS_SERVER_CA_CERT_PATH: file }), 'TEMPORAL_TLS_SERVER_CA_CERT_PATH', file);
    says(await usage({}, { 'tls-ca-path': file }), '--tls-ca-path: ', file);
  });
});
