# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

# On a Windows host: shares of the machine itself, a scheduled task for each session of a person, which makes the connections and
# stays, and the entries of the profiles. unmake.ps1 takes all of it back.
param([string] $People, [securestring] $Password)
$ErrorActionPreference = 'Stop'
$plain = [Net.NetworkCredential]::new('', $Password).Password

function Add-Remembered([string] $network, [object] $connection) {
    $key = "$network\$($connection.name.TrimEnd(':'))"
    $null = New-Item -Path $key -Force
    $null = New-ItemProperty -LiteralPath $key -Name RemotePath -Value $connection.remote
    $null = New-ItemProperty -LiteralPath $key -Name UserName -Value ''
    $null = New-ItemProperty -LiteralPath $key -Name ProviderName -Value 'Microsoft Windows Network'
    $null = New-ItemProperty -LiteralPath $key -Name ProviderType -Value 0x20000 -PropertyType DWord
    $null = New-ItemProperty -LiteralPath $key -Name ConnectionType -Value 1 -PropertyType DWord
}

$everyone = ([Security.Principal.SecurityIdentifier]'S-1-1-0').Translate([Security.Principal.NTAccount]).Value
foreach ($share in 'netdrive-a', 'netdrive-b') {
    $null = New-Item -Path "C:\netdrive-tests\$share" -ItemType Directory -Force
    if (-not (Get-SmbShare -Name $share -ErrorAction SilentlyContinue)) {
        $null = New-SmbShare -Name $share -Path "C:\netdrive-tests\$share" -FullAccess $everyone
    }
}

foreach ($person in ConvertFrom-Json -InputObject $People) {
    $live = @($person.connections | Where-Object -FilterScript { $_.connected -ne $false })
    $remembered = @($person.connections | Where-Object -FilterScript { $_.connected -eq $false })
    $sid = (Get-LocalUser -Name $person.name).SID.Value
    if ($person.signed_in -eq $false) {
        $hive = (Get-CimInstance -ClassName Win32_UserProfile -Filter "SID = '$sid'").LocalPath + '\NTUSER.DAT'
        & reg.exe load 'HKU\netdrive-tests' $hive
        if ($LASTEXITCODE) { throw "reg load $hive ended with $LASTEXITCODE" }
        foreach ($connection in $remembered) { Add-Remembered 'Registry::HKEY_USERS\netdrive-tests\Network' $connection }
        [GC]::Collect()
        [GC]::WaitForPendingFinalizers()
        & reg.exe unload 'HKU\netdrive-tests'
        if ($LASTEXITCODE) { throw "reg unload ended with $LASTEXITCODE" }
        continue
    }
    foreach ($number in 1..[Math]::Max(1, [int]$person.sessions)) {
        $words = @(foreach ($connection in $live) {
                "net use $($connection.name) $($connection.remote) /persistent:$(if ($connection.persistent) { 'yes' } else { 'no' })"
            }) + 'ping -n 1800 127.0.0.1'
        $action = New-ScheduledTaskAction -Execute cmd.exe -Argument "/c $($words -join ' & ')"
        $name = "netdrive-$($person.name)-$number"
        $null = Register-ScheduledTask -TaskName $name -Action $action -User $person.name -Password $plain -Force
        Start-ScheduledTask -TaskName $name
    }
    # The hive is there as soon as the first session is.
    foreach ($second in 1..60) {
        if (Test-Path -LiteralPath "Registry::HKEY_USERS\$sid\Network") { break }
        Start-Sleep -Seconds 1
    }
    foreach ($connection in $remembered) { Add-Remembered "Registry::HKEY_USERS\$sid\Network" $connection }
}
