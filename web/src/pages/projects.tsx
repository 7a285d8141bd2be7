/** Projects: their callers share answers. What can be done here follows the admin API of projects. */
import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { SCOPES } from '../../../proxy/admin/contract/scopes.ts';
import { get } from '../api.ts';
import { whole } from '../format.ts';
import { LIVE } from '../live.ts';
import { Code } from '../parts/code.tsx';
import { Empty, Loaded, Page, Panel } from '../parts/page.tsx';

export function ProjectsPage() {
  const scopes = useQuery({
    queryKey: [LIVE, 'scopes'],
    queryFn: ({ signal }) => get('/admin/scopes?limit=200', SCOPES, signal),
  });
  return (
    <Page title="Projects">
      <Text maw={720} size="sm">
        Callers of a project share answers; without a project, everybody is apart by the key they
        call with.
      </Text>
      <Loaded query={scopes}>
        {(data) => {
          const projects = [...Map.groupBy(data.scopes, ({ project }) => project)];
          if (projects.length === 0) return <Empty>Nothing was asked yet.</Empty>;
          return (
            <div className="table-wrap" tabIndex={0} role="region" aria-label="Projects">
              <table className="plain">
                <thead>
                  <tr>
                    <th scope="col">Project</th>
                    <th scope="col" className="num">
                      trees
                    </th>
                    <th scope="col" className="num">
                      nodes
                    </th>
                    <th scope="col" className="hide-narrow">
                      Models
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {projects.map(([project, its]) => (
                    <tr key={project}>
                      <th scope="row">{project}</th>
                      <td className="num">{whole(its.length)}</td>
                      <td className="num">
                        {whole(its.reduce((sum, { nodes }) => sum + nodes, 0))}
                      </td>
                      <td className="hide-narrow">
                        {[...new Set(its.map(({ model }) => model))].join(', ')}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          );
        }}
      </Loaded>
      <Panel title="A new project">
        <Text size="sm" mb="xs">
          Its key is shown once. Clients send it as the header Butter-Auth.
        </Text>
        <Code text="npx ghee project create NAME" label="command" />
      </Panel>
    </Page>
  );
}
