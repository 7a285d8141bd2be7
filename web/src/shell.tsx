/** The frame: navigation, health, colours, and the page that the address names. */
import {
  ActionIcon,
  AppShell,
  Burger,
  Button,
  Group,
  NavLink,
  Text,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import {
  IconActivity,
  IconBinaryTree,
  IconGauge,
  IconHeartbeat,
  IconKey,
  IconMoon,
  IconRocket,
  IconSettings,
  IconSun,
} from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, type ComponentType, type ReactNode } from 'react';
import { Link, Route, Switch, useLocation } from 'wouter';
import { LOGGED_OUT } from '../../proxy/admin/contract/session.ts';
import { ApiProblem, send } from './api.ts';
import { useHealth } from './health.ts';
import { useLiveUpdates } from './live.ts';
import { LoginPage } from './pages/login.tsx';
import { Failure, Loaded, Page } from './parts/page.tsx';
import { useSession } from './session.ts';

const page = <T extends string>(
  load: () => Promise<Record<T, ComponentType>>,
  name: T,
): ComponentType =>
  lazy(() => load().then((module): { default: ComponentType } => ({ default: module[name] })));

const ROUTES: readonly (readonly [path: string, page: ComponentType])[] = [
  ['/', page(() => import('./pages/overview.tsx'), 'OverviewPage')],
  ['/start', page(() => import('./pages/start.tsx'), 'StartPage')],
  ['/requests', page(() => import('./pages/requests.tsx'), 'RequestsPage')],
  ['/requests/:id', page(() => import('./pages/decision.tsx'), 'DecisionPage')],
  ['/tree', page(() => import('./pages/tree.tsx'), 'TreePage')],
  ['/nodes/:id', page(() => import('./pages/node.tsx'), 'NodePage')],
  ['/projects', page(() => import('./pages/projects.tsx'), 'ProjectsPage')],
  ['/settings', page(() => import('./pages/settings.tsx'), 'SettingsPage')],
];
const StatusPage = page(() => import('./pages/status.tsx'), 'StatusPage');

const NAVIGATION = [
  { href: '/', label: 'Overview', icon: IconGauge },
  { href: '/requests', label: 'Requests', icon: IconActivity },
  { href: '/tree', label: 'Tree', icon: IconBinaryTree },
  { href: '/projects', label: 'Projects', icon: IconKey },
  { href: '/settings', label: 'Settings', icon: IconSettings },
  { href: '/up', label: 'Status', icon: IconHeartbeat },
  { href: '/start', label: 'Get started', icon: IconRocket },
];

export function Shell() {
  const session = useSession();
  const [location] = useLocation();
  const isUnknown = session.error instanceof ApiProblem && session.error.status === 401;
  useLiveUpdates(session.data !== undefined);
  if (location === '/up') return <Frame isIn={session.data !== undefined} only={<StatusPage />} />;
  if (isUnknown) return <LoginPage />;
  return <Frame isIn={session.data !== undefined} />;
}

function Frame({ isIn, only }: { readonly isIn: boolean; readonly only?: ReactNode }) {
  const [isOpen, { toggle, close }] = useDisclosure(false);
  const session = useSession();
  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: 200, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
      padding="md"
    >
      <AppShell.Header>
        <a href="#main" className="skip">
          Skip to the content
        </a>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger
              opened={isOpen}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label="Navigation"
              aria-expanded={isOpen}
            />
            <img src="/favicon.svg" alt="" width={24} height={24} />
            <Text fw={700}>Ghee</Text>
          </Group>
          <Group gap="sm" wrap="nowrap">
            {isIn && <HealthDot />}
            <SchemeSwitch />
            {session.data?.hasLogin === true && <LogOut />}
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label="Pages">
        <Navigation onOpen={close} />
      </AppShell.Navbar>
      <AppShell.Main id="main">
        <Suspense fallback={<Text role="status">Loading …</Text>}>{only ?? <Pages />}</Suspense>
      </AppShell.Main>
    </AppShell>
  );
}

function Pages() {
  const session = useSession();
  return (
    <Loaded query={session}>
      {() => (
        <Switch>
          {ROUTES.map(([path, Component]) => (
            <Route key={path} path={path} component={Component} />
          ))}
          <Route>
            <Page title="Not here">
              <Failure error={new Error('There is no page at this address.')} />
            </Page>
          </Route>
        </Switch>
      )}
    </Loaded>
  );
}

function Navigation({ onOpen }: { readonly onOpen: () => void }) {
  const [location] = useLocation();
  const isAt = (href: string) => (href === '/' ? location === '/' : location.startsWith(href));
  return NAVIGATION.map(({ href, label, icon: Icon }) => (
    <NavLink
      key={href}
      component={Link}
      href={href}
      label={label}
      className="nav-link"
      leftSection={<Icon size={18} aria-hidden />}
      onClick={onOpen}
      {...(isAt(href) ? { 'aria-current': 'page' as const } : {})}
    />
  ));
}

function HealthDot() {
  const { data } = useHealth();
  const state = data?.state ?? 'unknown';
  const said = { ok: 'All well', degraded: 'Degraded', down: 'Down', unknown: 'Asking' }[state];
  return (
    <Link href="/up" aria-label={`Health: ${said}`}>
      <Group gap={6} wrap="nowrap">
        <span className={`dot ${state}`} aria-hidden />
        <Text size="sm" className="hide-narrow">
          {said}
        </Text>
      </Group>
    </Link>
  );
}

function SchemeSwitch() {
  const { setColorScheme } = useMantineColorScheme();
  const isDark = useComputedColorScheme('light') === 'dark';
  return (
    <ActionIcon
      variant="default"
      size="lg"
      aria-label={isDark ? 'Light colours' : 'Dark colours'}
      onClick={() => {
        setColorScheme(isDark ? 'light' : 'dark');
      }}
    >
      {isDark ? <IconSun size={18} /> : <IconMoon size={18} />}
    </ActionIcon>
  );
}

function LogOut() {
  const client = useQueryClient();
  const leave = async () => {
    await send('POST', '/admin/logout', LOGGED_OUT);
    client.clear();
    location.assign('/');
  };
  return (
    <Button size="xs" variant="default" onClick={() => void leave()}>
      Log out
    </Button>
  );
}
