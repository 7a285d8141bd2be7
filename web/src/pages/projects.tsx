/** Projects and their keys: callers of a project share answers. A key is shown once, when it is made. */
import { Button, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import {
  MADE_KEY,
  MADE_PROJECT,
  PROJECT,
  PROJECTS,
  REVOKED_KEY,
  type ShownProject,
} from '../../../proxy/admin/contract/projects.ts';
import { get, send } from '../api.ts';
import { LIVE } from '../live.ts';
import { Code } from '../parts/code.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { CopiedId } from '../parts/copied-id.tsx';
import { Empty, Failure, Loaded, Page, Panel } from '../parts/page.tsx';
import { When } from '../parts/when.tsx';
import { useIsOwner } from '../session.ts';

export function ProjectsPage() {
  const isOwner = useIsOwner();
  const projects = useQuery({
    queryKey: [LIVE, 'projects'],
    queryFn: ({ signal }) => get('/admin/projects', PROJECTS, signal),
  });
  return (
    <Page title="Projects">
      <Text maw={720} size="sm">
        Callers of a project share answers; they send its key as the header Butter-Auth. Without
        projects everybody is apart by the key they call their provider with.
      </Text>
      {isOwner && <NewProject />}
      <Loaded query={projects}>
        {(data) =>
          data.projects.length === 0 ? (
            <Empty>There is no project yet.</Empty>
          ) : (
            <Stack gap="md">
              {data.projects.map((project) => (
                <Project key={project.id} project={project} isOwner={isOwner} />
              ))}
            </Stack>
          )
        }
      </Loaded>
    </Page>
  );
}

function NewProject() {
  const client = useQueryClient();
  const [name, setName] = useState('');
  const make = useMutation({
    mutationFn: () => send('POST', '/admin/projects', MADE_PROJECT, { name }),
    onSuccess: async () => {
      setName('');
      await client.invalidateQueries({ queryKey: [LIVE, 'projects'] });
    },
  });
  return (
    <Panel title="A new project">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          make.mutate();
        }}
      >
        <Group gap="xs" align="flex-end">
          <TextInput
            label="Name"
            required
            maxLength={64}
            value={name}
            onChange={(event) => {
              setName(event.currentTarget.value);
            }}
          />
          <Button type="submit" loading={make.isPending}>
            Make it
          </Button>
        </Group>
      </form>
      {make.error !== null && <Failure error={make.error} />}
      {make.data !== undefined && <Key text={make.data.key.key} />}
    </Panel>
  );
}

function Key({ text }: { readonly text: string }) {
  return (
    <Stack gap="xs" mt="sm" role="status">
      <Text size="sm" fw={600}>
        This is its key. It is not shown again.
      </Text>
      <Code text={text} label="key" />
    </Stack>
  );
}

function Project({
  project,
  isOwner,
}: {
  readonly project: ShownProject;
  readonly isOwner: boolean;
}) {
  const client = useQueryClient();
  const refresh = () => client.invalidateQueries({ queryKey: [LIVE, 'projects'] });
  const path = `/admin/projects/${encodeURIComponent(project.id)}`;
  return (
    <Panel title={project.name}>
      <Stack gap="sm">
        <Group gap="md">
          <Link href={`/requests?project=${encodeURIComponent(project.id)}`}>Its calls</Link>
          <Text size="sm" c="dimmed">
            Id: <CopiedId id={project.id} label={`id of ${project.name}`} />
          </Text>
        </Group>
        {isOwner && <ProjectSettings project={project} path={path} refresh={refresh} />}
        <Keys project={project} isOwner={isOwner} path={path} refresh={refresh} />
        {isOwner && <OneMoreKey path={path} refresh={refresh} />}
      </Stack>
    </Panel>
  );
}

function OneMoreKey({
  path,
  refresh,
}: {
  readonly path: string;
  readonly refresh: () => Promise<void>;
}) {
  const [label, setLabel] = useState('');
  const make = useMutation({
    mutationFn: () => send('POST', `${path}/keys`, MADE_KEY, label.trim() === '' ? {} : { label }),
    onSuccess: async () => {
      setLabel('');
      await refresh();
    },
  });
  return (
    <>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          make.mutate();
        }}
      >
        <Group gap="xs" align="flex-end">
          <TextInput
            label="Label of another key"
            placeholder="ci"
            maxLength={64}
            value={label}
            onChange={(event) => {
              setLabel(event.currentTarget.value);
            }}
          />
          <Button variant="default" type="submit" loading={make.isPending}>
            Make a key
          </Button>
        </Group>
      </form>
      {make.error !== null && <Failure error={make.error} />}
      {make.data !== undefined && <Key text={make.data.key} />}
    </>
  );
}

function Keys(props: {
  readonly project: ShownProject;
  readonly isOwner: boolean;
  readonly path: string;
  readonly refresh: () => Promise<void>;
}) {
  const { project, isOwner, path, refresh } = props;
  return (
    <table className="plain">
      <thead>
        <tr>
          <th scope="col">Key</th>
          <th scope="col">Made</th>
          <th scope="col" className="num">
            Actions
          </th>
        </tr>
      </thead>
      <tbody>
        {project.keys.map(({ id, label, createdAt }) => (
          <tr key={id}>
            <td>{label}</td>
            <td>
              <When at={createdAt} />
            </td>
            <td className="num">
              {isOwner && (
                <Revoke
                  label={label}
                  path={`${path}/keys/${encodeURIComponent(id)}`}
                  refresh={refresh}
                />
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const ON_OFF = ['on', 'off'];
const CHOICES = [
  {
    name: 'mode',
    label: 'Mode',
    values: ['live', 'observe', 'frozen'],
    what: 'live serves and learns, observe only compares, frozen never asks the provider',
  },
  { name: 'log_content', label: 'Log messages', values: ON_OFF, what: 'texts and values' },
  {
    name: 'audits',
    label: 'Audits',
    values: ON_OFF,
    what: 'some hits are checked by the provider',
  },
  {
    name: 'separate_by_credential',
    label: 'Apart by key',
    values: ON_OFF,
    what: 'callers with other provider keys share nothing',
  },
  {
    name: 'immediate_trust',
    label: 'Immediate trust',
    values: ON_OFF,
    what: 'callers may have templates served before they are proved',
  },
];

function ProjectSettings(props: {
  readonly project: ShownProject;
  readonly path: string;
  readonly refresh: () => Promise<void>;
}) {
  const { project, path, refresh } = props;
  const change = useMutation({
    mutationFn: (settings: Readonly<Record<string, string | null>>) =>
      send('PATCH', path, PROJECT, { settings }),
    onSuccess: refresh,
  });
  return (
    <>
      <div className="choices">
        {CHOICES.map(({ name, label, values, what }) => (
          <Select
            key={name}
            label={label}
            description={what}
            placeholder="As the server"
            clearable
            clearButtonProps={{ 'aria-label': `${label}: as the server` }}
            inputWrapperOrder={['label', 'input', 'description']}
            data={values}
            value={project.settings[name] ?? null}
            onChange={(value) => {
              change.mutate({ [name]: value });
            }}
          />
        ))}
        <Age
          key={project.settings['ttl_seconds']}
          seconds={project.settings['ttl_seconds'] ?? ''}
          onChange={(seconds) => {
            change.mutate({ ttl_seconds: seconds === '' ? null : seconds });
          }}
        />
      </div>
      {change.error !== null && <Failure error={change.error} />}
    </>
  );
}

/** Asks when the person stops typing. */
function Age(props: { readonly seconds: string; readonly onChange: (seconds: string) => void }) {
  const { seconds, onChange } = props;
  const [typed, setTyped] = useState(seconds);
  const isWhole = /^\d{0,10}$/.test(typed);
  const commit = () => {
    if (isWhole && typed !== seconds) onChange(typed);
  };
  return (
    <TextInput
      label="Oldest answer"
      description="in seconds; older ones are asked anew"
      placeholder="As the server"
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      inputMode="numeric"
      value={typed}
      error={isWhole ? undefined : 'A whole number such as 86400'}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
      }}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === 'Enter') commit();
      }}
    />
  );
}

function Revoke(props: {
  readonly label: string;
  readonly path: string;
  readonly refresh: () => Promise<void>;
}) {
  const { label, path, refresh } = props;
  const [isOpen, { open, close }] = useDisclosure(false);
  const revoke = useMutation({
    mutationFn: () => send('DELETE', path, REVOKED_KEY),
    onSuccess: async () => {
      close();
      await refresh();
    },
  });
  return (
    <>
      <Button size="xs" variant="default" aria-label={`Revoke ${label}`} onClick={open}>
        Revoke
      </Button>
      <Confirm
        isOpen={isOpen}
        title={`Revoke ${label}`}
        verb="Revoke it"
        work={revoke}
        onConfirm={() => {
          revoke.mutate();
        }}
        onClose={close}
      >
        <Text size="sm">Callers with this key are refused from then on. There is no way back.</Text>
      </Confirm>
    </>
  );
}
