// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

Netdrive.Stand.Hives.KeepAsWindowsDoes();
return Microsoft.PowerShell.ConsoleShell.Start(bannerText: "", helpText: "", args);
