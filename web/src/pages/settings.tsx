/** The settings as they are in force; they are changed where Ghee runs. */
import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { SHOWN_SETTINGS } from '../../../proxy/admin/contract/health.ts';
import { get } from '../api.ts';
import { Loaded, Page } from '../parts/page.tsx';

export function SettingsPage() {
  const settings = useQuery({
    queryKey: ['settings'],
    queryFn: ({ signal }) => get('/admin/settings', SHOWN_SETTINGS, signal),
  });
  return (
    <Page title="Settings">
      <Text maw={720} size="sm">
        These are environment variables of the process that <code>npm start</code> runs. Set them
        there and start it again. Secrets are only told as set or not.
      </Text>
      <Loaded query={settings}>
        {(data) => (
          <div className="table-wrap" tabIndex={0} role="region" aria-label="Settings">
            <table className="plain stack-narrow">
              <thead>
                <tr>
                  <th scope="col">Name</th>
                  <th scope="col">Value</th>
                  <th scope="col">What it is</th>
                </tr>
              </thead>
              <tbody>
                {data.settings.map(({ name, value, isDefault, what }) => (
                  <tr key={name}>
                    <td className="template">{name}</td>
                    <td>
                      <span className="template">{value === '' ? '–' : value}</span>{' '}
                      {!isDefault && <span className="badge info">changed</span>}
                    </td>
                    <td>{what}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Loaded>
    </Page>
  );
}
